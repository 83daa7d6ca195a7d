# Importing files
imports-title = Imported files
imports-empty-title = No files yet
imports-empty-text = A register of plots, an export of the old program or a list of readings becomes data here. You first see what will change, and only then it does.
import-new = Import a file
import-new-title = Import a file
import-site = Site
import-file = File
import-file-hint = Excel (.xlsx) or CSV, up to 32 MB
import-file-missing = Choose a file
import-read = Read the file
import-promise = The file changes nothing yet: first you check the columns and see every difference to the present data.
import-no-site-title = A site comes first
import-no-site-text = The plots of the file belong to a site: a cooperative or a building. Create it and come back.
import-no-site-action = Create a site

import-head-file = File
import-head-site = Site
import-head-kind = Content
import-head-when = When
import-head-state = State
import-head-rows = Rows
import-kind-registry = Register of plots
import-kind-readings = Readings
import-state-uploaded = Columns not checked
import-state-planned = Waits for a decision
import-state-running = Being imported
import-state-done = Imported
import-state-failed = Failed
import-state-undone = Undone

import-columns-title = What the columns mean
import-columns-text = Check that every column was understood. Your choice is remembered for files with the same headers.
import-content = One row of the file is
import-content-registry = a plot with its owner and meters
import-content-readings = a reading of one meter
import-sheet-used = Import this sheet
import-sheet-rows =
    { $n ->
        [one] { $n } row
       *[other] { $n } rows
    }
import-only-sheet = Table
import-header-from = Header: from row
import-header-to = to row
import-header-again = Read the headers again
import-column = Column
import-column-header = Header
import-column-samples = First values
import-column-field = Meaning
import-column-resource = Resource
import-column-day = Readings of
import-preview = Show what will change
import-discard = Remove the file
import-discarded = The file is removed, the data is unchanged
import-no-sheet = Tick at least one sheet
import-no-resource = “{ $sheet }”, column { $column }: water or electricity? Choose the resource
import-already-running = This file is being imported or already was
import-not-done = Only an imported file can be undone

import-resource-water = water
import-resource-electricity = electricity

import-field-ignore = do not import
import-field-not_yet_used = money (not imported yet)
import-field-ordinal = ordinal number
import-field-label = plot
import-field-array = array
import-field-line = line
import-field-sector = sector
import-field-owner_name = owner
import-field-last_name = last name
import-field-first_name = first name
import-field-patronymic = patronymic
import-field-phone = phone
import-field-email = e-mail
import-field-area = area, m²
import-field-area_hundreds = area, hundreds of m²
import-field-resource = resource
import-field-serial = meter serial
import-field-model = meter model
import-field-zones = tariff (number of zones)
import-field-seal = seal
import-field-verified_on = verified on
import-field-verify_by = verify by
import-field-previous = previous reading (day)
import-field-previous_night = previous, night
import-field-previous_peak = previous, peak
import-field-previous_half_peak = previous, half-peak
import-field-previous_on = date of previous reading
import-field-current = reading (day)
import-field-current_night = reading, night
import-field-current_peak = reading, peak
import-field-current_half_peak = reading, half-peak
import-field-current_on = date of reading
import-field-note = note

import-run =
    { $n ->
        [one] Import { $n } row
       *[other] Import { $n } rows
    }
import-change-columns = Change the columns
import-nothing-to-do = Nothing to import: everything in this file is in the data already or cannot be taken.
import-same-file = The same file was imported on { $when }. Importing it again makes nothing twice.
import-progress = Rows imported
import-sum-premises = new plots
import-sum-owners = new owners
import-sum-water = water meters
import-sum-electricity = electricity meters
import-sum-zoned = of them with several zones
import-sum-readings = readings
import-sum-change = rows with changes
import-sum-same = rows without changes
import-sum-problems = rows not taken whole
import-filter = Which rows to show
import-filter-all = All
import-filter-create = New
import-filter-change = Changes
import-filter-same = Unchanged
import-filter-problem = Remarks
import-filter-skip = Not data
import-rows = Rows of the file
import-row-place = Row
import-row-label = Plot
import-row-action = Becomes
import-row-differences = What changes
import-action-create = new
import-action-change = change
import-action-same = unchanged
import-action-problem = not taken
import-action-skip = not data
import-result-created = created
import-result-changed = changed
import-result-same = unchanged
import-result-refused = not taken
import-result-skipped = not data
import-result-stale = not all: the data changed after the preview
import-result-column = What was done
import-result-all = File with results
import-result-bad = Remarks only
import-result-suffix = results
import-result-bad-suffix = remarks
import-row-kind-section = section heading
import-row-kind-total = total
import-row-kind-header = repeated header
import-row-kind-remark = remark
import-what-premise = Plot
import-what-area = Area
import-what-note = Note
import-what-owner = Owner
import-what-phone = Phone
import-what-email = E-mail
import-what-ownership = Ownership
import-what-account = Account
import-what-contract = Contract
import-what-meter = Meter
import-what-model = Model
import-what-verified_on = Verified on
import-what-verify_by = Verify by
import-what-seal = Seal
import-what-opening = Opening reading
import-what-reading = Reading

import-undo = Undo the import
import-undo-title = Undo the import
import-undo-text = Everything this file created will be removed and everything it changed will be put back. Only the entry in the journal stays.
import-undo-do = Undo the import
import-undo-back = Go back
import-undone = The import is undone
import-undo-blocked = The import can no longer be undone: other things were built on its data.
import-undo-readings =
    { $n ->
        [one] { $n } reading was entered after the import
       *[other] { $n } readings were entered after the import
    }
import-undo-reviewed =
    { $n ->
        [one] { $n } imported reading was reviewed or corrected
       *[other] { $n } imported readings were reviewed or corrected
    }
import-undo-rounds =
    { $n ->
        [one] { $n } plot is in a round
       *[other] { $n } plots are in rounds
    }
import-undo-visits =
    { $n ->
        [one] { $n } visit to a plot
       *[other] { $n } visits to plots
    }
import-undo-photos =
    { $n ->
        [one] { $n } photo
       *[other] { $n } photos
    }
import-undo-imports =
    { $n ->
        [one] { $n } record was extended by a later import: undo that one first
       *[other] { $n } records were extended by a later import: undo that one first
    }
import-undo-owners =
    { $n ->
        [one] { $n } ownership was entered after the import
       *[other] { $n } ownerships were entered after the import
    }
import-undo-accounts =
    { $n ->
        [one] { $n } account or contract was opened after the import
       *[other] { $n } accounts and contracts were opened after the import
    }
import-undo-meters =
    { $n ->
        [one] { $n } installation, replacement or seal was entered after the import
       *[other] { $n } installations, replacements and seals were entered after the import
    }
import-undo-runs =
    { $n ->
        [one] { $n } billing run was made after the import; a draft can be discarded
       *[other] { $n } billing runs were made after the import; drafts can be discarded
    }
import-undo-transfers =
    { $n ->
        [one] { $n } transfer stands on the accounts of the file
       *[other] { $n } transfers stand on the accounts of the file
    }
import-undo-edited =
    { $n ->
        [one] { $n } record was changed after the import
       *[other] { $n } records were changed after the import
    }

audit-import-uploaded = File uploaded for preview
audit-import-created = Created by an import
audit-import-changed = Changed by an import
audit-import-done = Import carried out
audit-import-undone = Import undone

# Why a file was not read
import-refused-empty = The file is empty.
import-refused-too-large = The file is larger than 32 MB. Split it.
import-refused-old-excel = This is the old Excel format. Open the file and save it as .xlsx.
import-refused-binary-excel = This is a binary Excel workbook (.xlsb). Open the file and save it as .xlsx.
import-refused-password = The file is protected by a password. Remove the password and try again.
import-refused-open-document = This is an OpenDocument table (.ods). Open the file and save it as .xlsx.
import-refused-word = This is a text document. Move the table to Excel and save it as .xlsx.
import-refused-pdf = This is a PDF. The table itself is needed: save it as .xlsx or CSV.
import-refused-picture = This is a picture. A table is needed: .xlsx or CSV.
import-refused-web-page = This is a web page that looks like a table. Open the file in Excel and save it as .xlsx.
import-refused-archive = This is an archive. Unpack it and upload the table.
import-refused-not-a-table = This is no table. An .xlsx or CSV file is needed.
import-refused-broken = The file is damaged or incomplete. Open it in Excel, save it again and retry.
import-refused-swollen = The file holds far more than a table needs. Copy the sheets you need to a new workbook and save it.
import-refused-too-many-rows = Too many rows: something stands in cell { $place }. Remove it or split the file: up to 200,000 rows.
import-refused-too-many-columns = Too many columns: something stands in cell { $place }. Remove it: up to 256 columns.
import-refused-too-many-sheets = The workbook has more than 64 sheets. Keep only those you need.
import-refused-too-long-text = The text in cell { $place } is too long. Shorten it.
import-refused-too-slow = Reading the file takes too long. Copy the sheets you need to a new workbook and save it.
import-refused-unreadable = The file could not be read. Try again.

# Remarks on cells
import-problem-no_label = no plot is given
import-problem-label_is_date = { $column }: a date “{ $cell }” stands where the plot belongs; Excel has altered the number
import-problem-label_twice = plot { $cell } is already in row { $detail }
import-problem-not_a_number = { $column }: “{ $cell }” is no number
import-problem-number_too_fine = { $column }: “{ $cell }” has more than three decimals
import-problem-number_too_large = { $column }: “{ $cell }” is too large a number
import-problem-negative = { $column }: “{ $cell }” is negative
import-problem-number_is_date = { $column }: a date “{ $cell }” stands where a number belongs
import-problem-cell_error = { $column }: formula error { $cell }
import-problem-uncalculated = { $column }: a formula without a value; open the file in Excel and save it
import-problem-not_a_date = { $column }: “{ $cell }” is no date
import-problem-no_such_day = { $column }: there is no day “{ $cell }”
import-problem-date_too_far = the date does not fit: “{ $cell }” { $detail }
import-problem-future_date = { $column }: the date “{ $cell }” lies in the future
import-problem-no_date = { $column }: the reading has no date
import-problem-phone_unclear = { $column }: unclear phone “{ $cell }”
import-problem-email_unclear = { $column }: unclear e-mail “{ $cell }”
import-problem-zones_unclear = { $column }: unclear tariff “{ $cell }”
import-problem-serial_unclear = { $column }: unclear meter serial “{ $cell }”
import-problem-serial_missing = { $column }: no meter serial
import-problem-serial_twice = meter { $cell } is already given for plot { $detail }
import-problem-zone_missing = { $column }: the value of one zone is missing
import-problem-zone_unexpected = { $column }: “{ $cell }” is too much: the meter has no such zone
import-problem-unknown_resource = { $column }: unclear resource “{ $cell }”
import-problem-unknown_meter = { $column }: there is no meter “{ $cell }” on this site
import-problem-too_many_digits = { $column }: “{ $cell }” has more digits than the dial
import-problem-reading_twice = the reading of meter { $cell } for this day is already in row { $detail }
import-problem-no_value = { $column }: no value
import-problem-several_owners = { $column }: several people in one cell, “{ $cell }”; taken as it stands
import-problem-namesake_without_phone = no phone, and several people of this name: a separate owner was made
import-problem-merged_by_name = no phone: the owner is known by name only
import-problem-owner_differs = owner { $cell } is not the recorded one: { $detail }. Enter a change of owner on the plot's card
import-problem-area_differs = area { $cell } m² is not the one further up in the file: { $detail } m²
import-problem-premise_ended = plot { $cell } is closed
import-problem-meter_elsewhere = meter { $cell } is recorded elsewhere: { $detail }
import-problem-meter_differs = another meter stands at the plot: { $detail }, the file says { $cell }. Enter a replacement on the meter's card
import-problem-several_meters = several meters stand at the plot ({ $detail }) and the file gives no serial
import-problem-zones_differ = zones of the meter: { $detail }, in the file: { $cell }
import-problem-no_opening = the new meter { $cell } has no reading at all and was not created
import-problem-reading_differs = { $detail } is already recorded for this day, the file says { $cell }
import-problem-before_installation = reading { $cell } is earlier than the meter's installation ({ $detail }), left out
import-problem-lower = reading { $cell } is lower than the previous { $detail }
import-job = Open the job
