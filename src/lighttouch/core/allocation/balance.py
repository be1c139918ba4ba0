"""Balance of baseline variables between arms."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BalanceRow:
    """Balance of one baseline variable between an arm and the reference.

    ``standardised_difference`` divides by the root mean of the two arm variances. The test is the
    programme's own (chi-squared or t), shown because it was declared, not as evidence of balance.
    """

    variable: str
    label: str
    category: str
    arm: str
    arm_value: float | None
    reference_value: float | None
    standardised_difference: float | None
    n_arm: int
    n_reference: int
    test: str
    test_statistic: float | None
    test_degrees_of_freedom: float | None
    test_p_value: float | None
