"""People with accounts, what they may do and where, and the links that let them in."""

import hashlib

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Lower
from django.utils.crypto import salted_hmac

from lighttouch.web.programmes.models import Participation, Partner, Programme, Trial


class UserManager(BaseUserManager["User"]):
    """Finds people by e-mail address, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> "User":
        """Return the person with an address."""
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """A person with an account. Staff taking part in a trial have none.

    Nobody has a password: a link in an e-mail lets them in. ``epoch`` rises when they sign out
    everywhere; sessions of an earlier one end.
    """

    password = None  # type: ignore[assignment]
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    epoch = models.PositiveIntegerField(default=0)

    USERNAME_FIELD = "email"
    objects = UserManager()

    class Meta:
        constraints = (models.UniqueConstraint(Lower("email"), name="email_once"),)

    def __str__(self) -> str:
        return f"user {self.pk}"

    @property
    def actor(self) -> str:
        """The code written into audit events."""
        return f"user:{self.pk}"

    def has_usable_password(self) -> bool:
        """Say that there is no password to ask for."""
        return False

    def _get_session_auth_hash(self, secret: str | bytes | None = None) -> str:
        """Tie a session to the epoch."""
        salted = salted_hmac(
            "lighttouch.session", f"{self.pk}:{self.epoch}", secret=secret, algorithm="sha256"
        )
        return salted.hexdigest()


class Role(models.TextChoices):
    """What somebody is in a programme, a trial or at a partner."""

    ADMINISTRATOR = "administrator", "Administrator"
    TRIAL_MANAGER = "trial_manager", "Trial manager"
    RESEARCHER = "researcher", "Researcher"
    RANDOMISER = "randomiser", "Randomiser"
    COORDINATOR = "coordinator", "Partner coordinator"
    TEAM_MANAGER = "team_manager", "Team manager"


class Grant(models.Model):
    """One role of one person, within one scope.

    Administrators have no scope. Trial managers, researchers and randomisers have a programme
    (then every trial of it) or one trial. Coordinators and team managers have a partner, in every
    trial or in one; a team manager also has a team's code.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="grants")
    role = models.CharField(max_length=16, choices=Role.choices)
    programme = models.ForeignKey(
        Programme, null=True, blank=True, on_delete=models.PROTECT, related_name="grants"
    )
    trial = models.ForeignKey(
        Trial, null=True, blank=True, on_delete=models.PROTECT, related_name="grants"
    )
    partner = models.ForeignKey(
        Partner, null=True, blank=True, on_delete=models.PROTECT, related_name="grants"
    )
    team = models.CharField(max_length=64, blank=True)
    granted_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="grant_scope_fits_role",
                violation_error_message="The role and its place do not fit together.",
                condition=Q(role="administrator", programme=None, trial=None, partner=None, team="")
                | Q(
                    role__in=("trial_manager", "researcher", "randomiser"),
                    programme__isnull=False,
                    partner=None,
                    team="",
                )
                | Q(role="coordinator", programme__isnull=False, partner__isnull=False, team="")
                | (
                    Q(role="team_manager", programme__isnull=False, partner__isnull=False)
                    & ~Q(team="")
                ),
            ),
            # SQLite takes no two empty values for the same, so empty is written as nought.
            models.UniqueConstraint(
                "user",
                "role",
                "team",
                *(Coalesce(F(part), 0) for part in ("programme", "trial", "partner")),
                condition=Q(ended_at=None),
                name="grant_once",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("granted_at")),
                name="grant_ends_after_it_began",
            ),
        )

    def __str__(self) -> str:
        return f"{self.role} of {self.user_id}"

    def clean(self) -> None:
        """Check that trial and partner belong to the programme, and to each other."""
        inside = [part for part in (self.trial, self.partner) if part is not None]
        if any(part.programme_id != self.programme_id for part in inside):
            raise ValidationError("The trial or the partner is of another programme.")
        if self.trial and self.partner:
            taking = Participation.objects.filter(trial=self.trial, partner=self.partner)
            if not taking.exists():
                raise ValidationError("The partner does not take part in the trial.")


class Link(models.Model):
    """A link that signs somebody in once: an invitation, or one asked for at sign-in.

    128 random bits, kept as a hash; opening it changes nothing, pressing its button does.
    ``used_at`` is when it ended: by its own use, by that of a newer one, or by signing out
    everywhere.
    """

    class Purpose(models.TextChoices):
        """Why it was sent."""

        INVITATION = "invitation", "Invitation"
        SIGN_IN = "sign_in", "Sign-in"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="links")
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    token_sha256 = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="link_expires_later"
            ),
            models.CheckConstraint(
                condition=Q(purpose__in=("invitation", "sign_in")), name="link_purpose_known"
            ),
        )

    def __str__(self) -> str:
        return f"{self.purpose} link {self.pk}"

    @staticmethod
    def hash(token: str) -> str:
        """Return what is kept of a token."""
        return hashlib.sha256(token.encode()).hexdigest()


class Attempt(models.Model):
    """How often something was asked for in an hour, by a hash of whom or where it was asked for."""

    digest = models.CharField(max_length=64)
    hour = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("digest", "hour"), name="attempt_counted_once"),
        )

    def __str__(self) -> str:
        return f"{self.count} attempts"
