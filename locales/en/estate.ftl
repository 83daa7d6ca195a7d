# Common
ended-on = until { $date }
since = since { $date }
card-history = History of changes
area-m2 = { $area } m²
unit-m2 = m²
standing-open = in force
standing-ended = ended
with-meter-no = No meter
with-meter-new = Install a meter
dials-single = Single rate
dials-day_night = Day and night
dials-three = Peak, half-peak, night

# Search
search-title = Search
search-label = Plot, name, phone, meter, contract
search-hint = Type a part of a plot's label, a name, a phone, a meter's or a contract's number. Letter case does not matter.
search-all = Show all
search-common-meter = common meter

# Sites
sites-title = Sites
sites-empty-title = No sites yet
sites-empty-text = A site is a cooperative's territory or a building. Add it, then import the registry of plots from a spreadsheet.
sites-empty-none = You have not been given a site yet. Ask the administrator.
site-new = Add a site
site-new-title = New site
site-name = Name
site-name-hint = For example: Chernomorets cooperative
site-name-taken = There is a site of this name already
site-kind = Kind
site-kind-garden = Gardening cooperative
site-kind-building = Building
site-address = Address
site-state = State
site-zone = Time zone
site-checks = Checks of readings
site-check-high = Flag use above the usual, from
site-check-low = Flag use below the usual, up to
site-check-zero = Months without use in a row
site-months = { $n ->
    [one] { $n } month
   *[other] { $n } months
}
site-created = The site was added
site-saved = The site was changed
site-end = End work with the site
site-revive = Take the site back to work
time-zone-europe-kaliningrad = Kaliningrad (MSK−1)
time-zone-europe-moscow = Moscow (MSK)
time-zone-europe-samara = Samara (MSK+1)
time-zone-asia-yekaterinburg = Yekaterinburg (MSK+2)
time-zone-asia-omsk = Omsk (MSK+3)
time-zone-asia-krasnoyarsk = Krasnoyarsk (MSK+4)
time-zone-asia-irkutsk = Irkutsk (MSK+5)
time-zone-asia-yakutsk = Yakutsk (MSK+6)
time-zone-asia-vladivostok = Vladivostok (MSK+7)
time-zone-asia-magadan = Magadan (MSK+8)
time-zone-asia-kamchatka = Kamchatka (MSK+9)

# Premises
premises-title = Plots
premises-count = { $n ->
    [one] { $n } plot
   *[other] { $n } plots
}
premises-search = Plot, name, phone, meter
premises-part = Array and line
premises-array = Array { $array }
premises-line = Array { $array }, line { $line }
premises-any = Any
premises-any-service = Any
premises-standing = Current
premises-ended = Ended
premises-empty-title = No plots yet
premises-empty-text = Import the registry from a spreadsheet: plots, owners and meters appear at once. You can also add them one by one.
premises-empty-none = Entries appear here when the office adds them.
owned-yes = Known
owned-no = Unknown
premise-new = New plot
premise-new-title = New plot
premise-edit-title = Plot { $label }: edit
premise-title = Plot { $label }
premise-edit = Edit
premise-about = Details
premise-label = Plot
premise-label-hint = Array-line-sector, such as 3-12-7, or any label
premise-label-taken = The site has a plot with this label already
premise-site = Site
premise-kind = Kind
premise-kind-plot = Plot
premise-kind-apartment = Apartment
premise-address = Location
premise-part = array { $array }, line { $line }, sector { $sector }
premise-area = Area
premise-area-zero = The area must be more than zero
premise-note = Note
premise-owner = Owner
premise-owners = Owners
premise-past-owners = Former owners
premise-no-owner = unknown
premise-no-owner-yet = The owner is unknown.
premise-services = Services
premise-read = Last read
premise-meters = Meters
premise-meter = Meter
premise-no-meters = No meters.
premise-last-reading = Last reading
premise-seal = Seal
premise-verification = Verification
premise-verify-by = until { $date }
premise-no-contracts = No contracts.
premise-visits = Last visits
premise-photos = Photos
premise-created = The plot was added
premise-saved = The plot was changed
premise-end = Plot no longer exists
premise-revive = Take the plot back
premise-delete = Delete: added by mistake
premise-has-history = It cannot be deleted: something hangs on the plot, or it was added long ago. Mark it as no longer existing.
ownership-share = share { $share }
ownership-past = past

# Change of owner
transfer-open = Change owner
transfer-title = Change of owner
transfer-now = Now
transfer-what = What happens to the present shares
transfer-present-end = They end on this day
transfer-present-keep = They stay, one more is added
transfer-new = New owner
transfer-who = Who
transfer-terms = Right
transfer-share = Share
transfer-share-hint = 1 or a fraction such as 1/3
transfer-share-wrong = Enter 1 or a fraction such as 1/3
transfer-more-than-whole = With this share it would be more than the whole
transfer-from = From which day
transfer-future = That day has not come yet
transfer-reason = Reason
transfer-reason-hint = For example: sale, inheritance
transfer-save = Save the owner
transfer-saved = The owner was saved

# Choosing an owner
party-way-present = Present owner of the plot
party-way-known = An owner from the list
party-way-new = A new owner
party-find = Find in the list
party-find-hint = A part of a name, a phone or a plot
party-find-when = if from the list
party-choose = Which one
party-choose-one = Choose
party-new-fields = Details of the new owner
party-none = Nobody was found. Change the words or enter a new owner
party-several = Several match. Choose one
party-nobody = The plot has no owner. Find one in the list or enter a new one
party-several-present = There are several owners. Find the payer in the list

# Owners
owners-title = Owners
owners-count = { $n ->
    [one] { $n } owner
   *[other] { $n } owners
}
owners-search = Name, phone, plot
owners-empty-title = No owners yet
owners-empty-text = They come with the plots when you import the registry. You can also add them one by one.
owner-new = New owner
owner-new-title = New owner
owner-name = Name
owner-kind = Kind
owner-kind-person = Person
owner-kind-company = Company
owner-last-name = Family name, or name of the company
owner-last-name-hint = A company needs no first name or patronymic
owner-first-name = First name
owner-patronymic = Patronymic
owner-phone = Phones
owner-phone-hint = One on a line, in any spelling
owner-phone-wrong = This does not look like a phone. Enter for example +7 918 159-08-30
owner-phones-many = At most ten phones
owner-email = E-mail
owner-email-wrong = Enter an address such as name@example.com
owner-premises = Plots
owner-period = When
owner-more = and { $n } more
owner-contacts = Contacts
owner-no-premises = No plots.
owner-created = The owner was added
owner-saved = The owner was changed
owner-merge = Merge with a duplicate
owner-merge-title = Merging owners
owner-merge-text = Find the second record of the same person. Its plots, accounts and phones come here, and it disappears.
owner-merge-consequence = The plots, accounts and phones of the second record go to the first, and the second disappears. This cannot be undone.
owner-merge-kept = Stays
owner-merge-gone = Disappears
owner-merge-do = Merge
owner-merge-other = Choose another record
owner-merge-same = These are one record
owner-merged = Merged with the record of { $name }

# Accounts
accounts-title = Accounts
accounts-count = { $n ->
    [one] { $n } account
   *[other] { $n } accounts
}
accounts-search = Account number, plot, name
accounts-empty-title = No accounts yet
accounts-empty-text = An account opens by itself with the payer's first contract or with the import of the registry.
account-title = Account { $number }
account-number = Account
account-payer = Payer
account-opened = Opened
account-contracts = Contracts
account-state = State
account-open = open
account-closed = closed
account-closed-on = closed { $date }
account-close = Close the account
account-not-closed = The account was not closed: it has a contract in force. End the contract first.

# Contracts
contracts-title = Contracts
contracts-count = { $n ->
    [one] { $n } contract
   *[other] { $n } contracts
}
contracts-search = Number, plot, name
contracts-empty-title = No contracts yet
contracts-empty-text = A new contract adds all it needs at once: the owner, the account and the meter.
contract-new = New contract
contract-new-title = New contract
contract-back = Back
contract-where = Plot
contract-label-hint = For example 3-12-7
contract-premise-new = The plot is not in the list yet, add it
contract-no-premise = There is no such plot. Check the number, or say that the plot is new
contract-premise-ended = The plot no longer exists
contract-what = Contract
contract-service = Service
contract-number = Contract number
contract-dates = Term
contract-signed = Signed
contract-ended = Ended
contract-payer = Payer
contract-who = Who pays
contract-meter = Meter
contract-with-meter = Is a meter installed
contract-meter-fields = Details of the meter
contract-no-meter = This service has no meters
contract-sign = Save the contract
contract-created = The contract was saved
contract-number-taken = The plot has a contract with this number for this service already
contract-service-taken = The payer has a contract in force for this service. End it first
contract-end = End
contract-end-title = Ending a contract
contract-end-consequence = The contract stays in the list as ended.
contract-end-do = End the contract
contract-ends-before = Not before the day of signing
contract-ended-already = The contract has ended already
service-water = Water
service-electricity = Electricity
service-upkeep = Upkeep
service-contribution = Contributions

# Fields in the history
field-name = name
field-kind = kind
field-label = label
field-area = area
field-note = note
field-address = address
field-time_zone = time zone
field-check_high_percent = above the usual, %
field-check_low_percent = below the usual, %
field-check_zero_months = months without use
field-last_name = family name
field-first_name = first name
field-patronymic = patronymic
field-email = e-mail
field-phones = phones
field-service = service
field-number = number
field-signed_on = signed
field-ended_on = ended
field-premise = plot
field-owner = owner
field-share = share
field-from_on = from
field-reason = reason

# Shared with other areas
until = until { $date }
field-serial = serial
field-resource = resource
field-model = model
field-dial_digits = digits before the point
field-dial_decimals = digits behind the point
field-verified_on = verified
field-verify_by = next verification
field-seal_number = seal number
field-seal_kind = kind of seal
field-seal_place = place of the seal
field-seal_state = seal
field-placed_on = put on
field-removed_on = removed
field-removal_reason = why removed
field-closing = closing values
field-opening = opening values
field-installed_on = installed
field-state = state
field-value_single = reading
field-value_day = day
field-value_night = night
field-value_peak = peak
field-value_half_peak = half-peak
