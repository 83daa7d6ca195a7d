//! The words an import speaks in: what a column means, what is wrong with a cell.

crate::text_enum! {
    /// What a column of the file means.
    #[derive(Default)]
    Field as "import-field" {
        #[default]
        Ignore = "ignore",
        /// Money, which a later import will use: payments, debts.
        NotYetUsed = "not_yet_used",
        Ordinal = "ordinal",
        Label = "label",
        Array = "array",
        Line = "line",
        Sector = "sector",
        OwnerName = "owner_name",
        LastName = "last_name",
        FirstName = "first_name",
        Patronymic = "patronymic",
        Phone = "phone",
        Email = "email",
        /// Square metres.
        Area = "area",
        /// The hundreds of square metres («сотки») in which garden plots are measured.
        AreaHundreds = "area_hundreds",
        Resource = "resource",
        Serial = "serial",
        Model = "model",
        Zones = "zones",
        Seal = "seal",
        VerifiedOn = "verified_on",
        VerifyBy = "verify_by",
        /// The earlier of two readings; of a meter with zones the day value.
        Previous = "previous",
        PreviousNight = "previous_night",
        PreviousPeak = "previous_peak",
        PreviousHalfPeak = "previous_half_peak",
        PreviousOn = "previous_on",
        /// The reading, the later of two; of a meter with zones the day value.
        Current = "current",
        CurrentNight = "current_night",
        CurrentPeak = "current_peak",
        CurrentHalfPeak = "current_half_peak",
        CurrentOn = "current_on",
        Note = "note",
    }
}

crate::text_enum! {
    /// What is wrong with a cell or a row.
    ProblemCode as "import-problem" {
        NoLabel = "no_label",
        LabelIsDate = "label_is_date",
        LabelTwice = "label_twice",
        NotANumber = "not_a_number",
        NumberTooFine = "number_too_fine",
        NumberTooLarge = "number_too_large",
        Negative = "negative",
        NumberIsDate = "number_is_date",
        CellError = "cell_error",
        Uncalculated = "uncalculated",
        NotADate = "not_a_date",
        NoSuchDay = "no_such_day",
        DateTooFar = "date_too_far",
        FutureDate = "future_date",
        NoDate = "no_date",
        PhoneUnclear = "phone_unclear",
        EmailUnclear = "email_unclear",
        ZonesUnclear = "zones_unclear",
        SerialUnclear = "serial_unclear",
        SerialMissing = "serial_missing",
        SerialTwice = "serial_twice",
        ZoneMissing = "zone_missing",
        ZoneUnexpected = "zone_unexpected",
        UnknownResource = "unknown_resource",
        UnknownMeter = "unknown_meter",
        TooManyDigits = "too_many_digits",
        ReadingTwice = "reading_twice",
        NoValue = "no_value",
        SeveralOwners = "several_owners",
        NamesakeWithoutPhone = "namesake_without_phone",
        MergedByName = "merged_by_name",
        OwnerDiffers = "owner_differs",
        AreaDiffers = "area_differs",
        PremiseEnded = "premise_ended",
        /// The serial is known, but stands somewhere else or nowhere.
        MeterElsewhere = "meter_elsewhere",
        /// Another meter stands here: a replacement is entered by hand, with its closing value.
        MeterDiffers = "meter_differs",
        SeveralMeters = "several_meters",
        ZonesDiffer = "zones_differ",
        NoOpening = "no_opening",
        ReadingDiffers = "reading_differs",
        BeforeInstallation = "before_installation",
        Lower = "lower",
    }
}

/// How much of the file a problem costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Everything is taken; a person should know how.
    Notice,
    /// This cell is not taken, the rest of its row is.
    Cell,
    /// Nothing of the row is taken.
    Row,
}

impl ProblemCode {
    #[must_use]
    pub const fn weight(self) -> Weight {
        match self {
            Self::NoLabel | Self::LabelIsDate | Self::LabelTwice | Self::UnknownResource | Self::UnknownMeter | Self::PremiseEnded => {
                Weight::Row
            }
            Self::SerialMissing
            | Self::SeveralOwners
            | Self::NamesakeWithoutPhone
            | Self::MergedByName
            | Self::BeforeInstallation
            | Self::Lower => Weight::Notice,
            _ => Weight::Cell,
        }
    }
}

impl Field {
    /// A reading's value, of whichever dial and time.
    #[must_use]
    pub const fn is_reading(self) -> bool {
        self.is_previous() || matches!(self, Self::Current | Self::CurrentNight | Self::CurrentPeak | Self::CurrentHalfPeak)
    }

    #[must_use]
    pub const fn is_previous(self) -> bool {
        matches!(self, Self::Previous | Self::PreviousNight | Self::PreviousPeak | Self::PreviousHalfPeak)
    }

    /// A value of a dial that only counts at its hours.
    #[must_use]
    pub const fn is_of_another_dial(self) -> bool {
        matches!(
            self,
            Self::PreviousNight
                | Self::PreviousPeak
                | Self::PreviousHalfPeak
                | Self::CurrentNight
                | Self::CurrentPeak
                | Self::CurrentHalfPeak
        )
    }

    /// Belongs to a meter, so that a resource must be known for it.
    #[must_use]
    pub const fn is_of_meter(self) -> bool {
        self.is_reading()
            || matches!(
                self,
                Self::Serial
                    | Self::Model
                    | Self::Zones
                    | Self::Seal
                    | Self::VerifiedOn
                    | Self::VerifyBy
                    | Self::PreviousOn
                    | Self::CurrentOn
            )
    }
}
