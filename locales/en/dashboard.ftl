dashboard-title = Today
dashboard-mine = My rounds
dashboard-in-review = wait for review
dashboard-nothing-waits = All reviewed
dashboard-read = plots visited
dashboard-percent = { $percent } %, { $left } left
dashboard-overdue = verifications overdue
dashboard-due-soon = { $n ->
    [one] { $n } more meter within 90 days
   *[other] { $n } more meters within 90 days
}
dashboard-premises = plots
dashboard-contracts = { $n ->
    [one] { $n } contract in force
   *[other] { $n } contracts in force
}
dashboard-used-water = Water used by month
dashboard-used-electricity = Electricity used by month
dashboard-used-at = { $unit }, counted { $when }
dashboard-unit-water = m³
dashboard-unit-electricity = kWh
dashboard-month = Month
dashboard-coverage = The round by array
dashboard-rounds = Rounds
dashboard-no-round = No round has been made yet.
dashboard-empty-title = Begin with a site
dashboard-empty-text = A site is the territory of a cooperative or a building. Then import the registry from your spreadsheet: plots, owners, meters.
dashboard-empty-action = Create a site
dashboard-left = { $n ->
    [0] all visited
    [one] { $n } plot left
   *[other] { $n } plots left
}
dashboard-revisit = { $n ->
    [one] { $n } plot to visit again
   *[other] { $n } plots to visit again
}
dashboard-walk = Walk the round
dashboard-no-rounds-title = No rounds
dashboard-no-rounds-text = A round that is given to you appears here.
dashboard-debt = owed by payers
dashboard-received = received this month
