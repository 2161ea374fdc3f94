//! Which fact a mismatch is, and the class of `docs/glossary.md` that it belongs to.

/// Names the kinds: variant, class, and the word that rules ask for in `mismatch.detail`.
macro_rules! kinds {
    ($($variant:ident = $class:literal $word:literal,)+) => {
        /// Which fact a mismatch is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum MismatchKind {
            $(#[doc = concat!("`", $word, "`, of class ", $class, ".")] $variant,)+
        }

        impl MismatchKind {
            /// All kinds, by class.
            pub const ALL: &[MismatchKind] = &[$(MismatchKind::$variant),+];

            /// The class, `IM-1` to `IM-12`.
            #[must_use]
            pub fn class(self) -> &'static str {
                match self { $(MismatchKind::$variant => $class,)+ }
            }

            /// The word for it in the column `detail`.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(MismatchKind::$variant => $word,)+ }
            }
        }
    };
}

kinds! {
    AudienceMismatch = "IM-1" "audience-mismatch",
    ClaimMismatch = "IM-2" "claim-mismatch",
    ClaimContradiction = "IM-2" "claim-contradiction",
    PersonOnWorkloadPath = "IM-4" "person-on-workload-path",
    WorkloadPolicyOnPerson = "IM-4" "workload-policy-on-person",
    ContentContradictsPath = "IM-4" "content-contradicts-path",
    UnexpectedReader = "IM-5" "unexpected-reader",
    ServiceReach = "IM-5" "service-reach",
    EntityCollision = "IM-6" "entity-collision",
    RoleNotOneToOne = "IM-6" "role-not-one-to-one",
    OtherOrigin = "IM-7" "other-origin",
    JobIdentityReused = "IM-7" "job-identity-reused",
    LoginsBeyondDeclared = "IM-7" "logins-beyond-declared",
    MachineElsewhere = "IM-7" "machine-elsewhere",
    MachineAtATerminal = "IM-7" "machine-at-a-terminal",
    MachineAtAPrivateAddress = "IM-7" "machine-at-a-private-address",
    AwsSessionElsewhere = "IM-7" "aws-session-elsewhere",
    UseAfterJobEnd = "IM-8" "use-after-job-end",
    OutsideCredentialLife = "IM-8" "outside-credential-life",
    AwsSessionAfterJobEnd = "IM-8" "aws-session-after-job-end",
    AwsKeyAfterLease = "IM-8" "aws-key-after-lease",
    AwsSessionAfterRevocation = "IM-8" "aws-session-after-revocation",
    AwsKeyRefusedAfterLease = "IM-8" "aws-key-refused-after-lease",
    AwsLeaseLifeUnknown = "IM-8" "aws-lease-life-unknown",
    ClockOffset = "IM-8" "clock-offset",
    ClocksUnreliable = "IM-8" "clocks-unreliable",
    RecordOutOfTime = "IM-8" "record-out-of-time",
    ProjectReborn = "IM-9" "project-reborn",
    AccountReborn = "IM-9" "account-reborn",
    LoginWithoutService = "IM-9" "login-without-service",
    LoginBeforeService = "IM-9" "login-before-service",
    PolicyDrift = "IM-9" "policy-drift",
    AccessorFormChanged = "IM-9" "accessor-form-changed",
    AccessorsSevered = "IM-9" "accessors-severed",
    LoginWithoutJob = "IM-10" "login-without-job",
    LoginOutsideJobExport = "IM-10" "login-outside-job-export",
    LoginUntraceable = "IM-10" "login-untraceable",
    NoIssue = "IM-10" "no-issue",
    AwsSessionWithoutJob = "IM-10" "aws-session-without-job",
    AwsSessionOutsideJobExport = "IM-10" "aws-session-outside-job-export",
    MergedByBotUnapproved = "IM-12" "merged-by-bot-unapproved",
    DeployedByBotUnapproved = "IM-12" "deployed-by-bot-unapproved",
    BotBeyondSponsor = "IM-12" "bot-beyond-sponsor",
}
