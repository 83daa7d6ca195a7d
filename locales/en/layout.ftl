# The shell of pages
shell-areas = Areas
shell-menu = Menu
shell-skip = Skip to content
shell-site = Site
shell-search = Plot or name
shell-search-label = Search plots, owners and meters
shell-language = Change language
shell-theme-change = Change appearance
shell-theme-auto = Auto
shell-theme-light = Day
shell-theme-dark = Night
shell-sign-out = Sign out
shell-about = Meters and readings
shell-insecure = This connection is not encrypted: use it inside your own network only.
shell-offline = No connection, the phone keeps entries
shell-other-language = Русский
print-now = Print
print-back = Back

# Areas
area-dashboard = Today
area-rounds = Rounds
area-review = Review
area-readings = Readings
area-meters = Meters
area-premises = Plots
area-owners = Owners
area-contracts = Contracts
area-accounts = Accounts
area-sites = Sites
area-billing = Charges
area-tariffs = Tariffs
area-imports = Imports
area-reports = Reports
area-jobs = Jobs
area-admin = Installation
area-staff = Staff
area-audit = Audit
group-work = Work
group-estate = Registry
group-money = Money
group-data = Data
group-admin = Administration

# The bar of the phone
bar-round = Round
bar-search = Search
bar-queue = On phone
bar-more = More
shell-rehearsal = Rehearsal: the clock shows { $moment }
area-orders = Orders
area-services = Price list
