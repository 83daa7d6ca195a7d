# Words of the common parts of pages
field-optional = optional
errors-summary =
    { $n ->
        [one] Correct { $n } field
       *[other] Correct { $n } fields
    }
dialog-close = Close
pager-label = Pages of the list
pager-rows = { $first }–{ $last } of { $total }
pager-rows-open = { $first }–{ $last } of the first { $total }; narrow the list to see the others
pager-page = Page { $page } of { $pages }
pager-back = Back
pager-on = Next
nothing-found-title = Nothing found
nothing-found-text = No entry matches these conditions. Change or reset them.
filter-apply = Show
filter-reset = Reset
filter-all = All
filter-excel = Excel
chart-values = Values as a table
progress-of = { $done } of { $total }
dial-lower = Lower than before by { "{n}" }. Was the meter replaced or turned round, or is it a slip?
dial-wrapped = The meter seems to have passed zero: consumption { "{n}" }.
dial-above = Well above the usual. Check the digits.
dial-below = Well below the usual. Check the digits.
dial-unreadable = Digits and a point only.
size-kib = { $n } KB
size-mib = { $n } MB
size-gib = { $n } GB
progress-label = Done
