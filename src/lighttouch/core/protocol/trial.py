"""The whole of a trial file."""

from typing import Literal

from pydantic import Field

from lighttouch.core.protocol.analysis import (
    Analysis,
    Assumed,
    PowerAssumptions,
    Registration,
    Retention,
)
from lighttouch.core.protocol.base import Identifier, Part, Text
from lighttouch.core.protocol.design import Allocation, Wave
from lighttouch.core.protocol.measures import Composite, Covariate, Outcome
from lighttouch.core.protocol.messages import Contact
from lighttouch.core.protocol.people import Arm, Intervention, Partner, Population
from lighttouch.core.protocol.questions import OwnInstrument, OwnQuestionnaire, Privacy


class Trial(Part):
    """The keys above every heading, and the tables, in the order they have in the file."""

    version: Literal[1] = Field(description="version of the trial-file format")
    id: Identifier
    """Name of the trial in files and folders."""
    title: Text
    """Full title."""
    summary: Text
    """The question and the design in two or three sentences."""
    status: Literal["full", "pilot"] = "full"
    """A full trial, or a pilot."""
    programme: str = ""
    """Family of trials it belongs to."""
    population: Population
    """Who takes part."""
    arms: tuple[Arm, ...] = Field(min_length=1)
    """What a unit is allocated to."""
    allocation: Allocation
    """How units are allocated."""
    waves: tuple[Wave, ...] = Field(min_length=1)
    """When data are collected, in order of time; the first gives the roster."""
    instruments: tuple[OwnInstrument, ...] = ()
    """Questions of the trial's own."""
    questionnaires: tuple[OwnQuestionnaire, ...] = ()
    """What surveys ask, where it is no questionnaire of the library."""
    interventions: tuple[Intervention, ...] = ()
    """What each arm gets."""
    contact: Contact = Contact()
    """How often and when people are written to."""
    composites: tuple[Composite, ...] = ()
    """Indices made of several instruments."""
    covariates: tuple[Covariate, ...] = ()
    """Baseline variables."""
    outcomes: tuple[Outcome, ...] = Field(min_length=1)
    """What the trial is judged on."""
    analysis: Analysis = Analysis()
    """The registered analysis."""
    power: tuple[PowerAssumptions, ...] = ()
    """What the sample size rests on."""
    retention: Retention
    """What happens to the data."""
    privacy: Privacy = Privacy()
    """How few people may be told of."""
    registration: Registration = Registration()
    """Where the plan is kept."""
    assumed: tuple[Assumed, ...] = ()
    """Choices the sources left open."""

    @property
    def reference_arm(self) -> Arm:
        """The arm others are compared with (the only arm of a single-arm trial)."""
        return next((arm for arm in self.arms if arm.reference), self.arms[0])

    @property
    def treated_arms(self) -> tuple[Arm, ...]:
        """Every arm but the reference, in file order."""
        return tuple(arm for arm in self.arms if arm.id != self.reference_arm.id)

    @property
    def baseline_wave(self) -> Wave:
        """The first wave, from whose return or table the roster is made."""
        return self.waves[0]

    @property
    def clustered(self) -> bool:
        """Whether clusters, not people, were allocated."""
        return self.allocation.method != "none" and self.allocation.unit != "participant"

    def surveyed_by(self, questionnaire_id: str) -> tuple[Wave, ...]:
        """Return the waves whose survey is this questionnaire."""
        return tuple(
            wave
            for wave in self.waves
            if wave.survey and wave.survey.questionnaire == questionnaire_id
        )

    def wave(self, wave_id: str) -> Wave:
        """Return the wave with this identifier."""
        return next(wave for wave in self.waves if wave.id == wave_id)

    def outcome(self, outcome_id: str) -> Outcome:
        """Return the outcome with this identifier."""
        return next(outcome for outcome in self.outcomes if outcome.id == outcome_id)

    def covariate(self, covariate_id: str) -> Covariate:
        """Return the covariate with this identifier."""
        return next(covariate for covariate in self.covariates if covariate.id == covariate_id)

    def partner(self, partner_id: str) -> Partner:
        """Return the partner with this identifier."""
        return next(p for p in self.population.partners if p.id == partner_id)
