-- What services cost, and what is owed for them month by month, with everything that each sum came from.

alter table contract add column category text not null default '';
alter table contract add column norm_thousandths integer check (norm_thousandths >= 0);

-- A price agreed with one payer, and why.
create table contract_price (
    id integer primary key autoincrement,
    contract_id integer not null references contract (id),
    valid_from text not null,
    valid_until text,
    price_ten_thousandths integer not null check (price_ten_thousandths >= 0),
    reason text not null check (reason <> ''),
    check (valid_until is null or valid_until >= valid_from)
) strict;
create index contract_price_contract on contract_price (contract_id);

create table tariff_version (
    id integer primary key autoincrement,
    site_id integer not null references site (id),
    service text not null check (service in ('water', 'electricity', 'upkeep', 'contribution')),
    category text not null,
    valid_from text not null,
    basis text not null check (basis in ('unit', 'm2', '100m2', 'premise', 'fixed')),
    created_at text not null,
    created_by integer references staff_user (id),
    unique (site_id, service, category, valid_from)
) strict;

create table tariff_price (
    version_id integer not null references tariff_version (id),
    zone text not null check (zone in ('single', 'day', 'night', 'peak', 'half_peak')),
    from_thousandths integer not null check (from_thousandths >= 0),
    price_ten_thousandths integer not null check (price_ten_thousandths >= 0),
    primary key (version_id, zone, from_thousandths)
) strict, without rowid;

-- By how much the beginnings of ranges are moved in a month of the year.
create table tariff_factor (
    version_id integer not null references tariff_version (id),
    month integer not null check (month between 1 and 12),
    factor_thousandths integer not null check (factor_thousandths > 0),
    primary key (version_id, month)
) strict, without rowid;

-- One for a site and month: a draft is made again in place, an approved one stands.
create table billing_run (
    id integer primary key autoincrement,
    site_id integer not null references site (id),
    period text not null,
    state text not null check (state in ('queued', 'running', 'calculated', 'approving', 'approved', 'closed', 'failed')),
    job_id integer references job (id),
    -- accounts up to this one are done
    reached_account_id integer not null default 0,
    total_count integer not null default 0,
    done_count integer not null default 0,
    skip_count integer not null default 0,
    total_kopecks integer not null default 0,
    started_at text not null,
    started_by integer references staff_user (id),
    finished_at text,
    approved_at text,
    approved_by integer references staff_user (id),
    error text not null default '',
    unique (site_id, period)
) strict;

create table charge (
    id integer primary key autoincrement,
    run_id integer not null references billing_run (id),
    account_id integer not null references account (id),
    contract_id integer not null references contract (id),
    -- the month it is for: that of the run, or an earlier one that is corrected
    period text not null,
    service text not null check (service in ('water', 'electricity', 'upkeep', 'contribution')),
    zone text not null check (zone in ('single', 'day', 'night', 'peak', 'half_peak')),
    quantity_thousandths integer not null,
    price_ten_thousandths integer not null check (price_ten_thousandths >= 0),
    amount_kopecks integer not null,
    consumption text not null check (consumption in ('measured', 'average', 'norm', 'fixed', 'correction')),
    version_id integer references tariff_version (id),
    -- frozen inputs and the formula, as JSON
    working text not null
) strict;
create index charge_account on charge (account_id, period);
create index charge_run on charge (run_id, account_id);
create index charge_contract on charge (contract_id, period);
create index charge_version on charge (version_id);

-- What a contract was charged for one dial of a meter, and up to which measured value everything is charged.
create table charged_point (
    run_id integer not null references billing_run (id),
    contract_id integer not null references contract (id),
    installation_id integer not null references installation (id),
    zone text not null check (zone in ('single', 'day', 'night', 'peak', 'half_peak')),
    consumption text not null check (consumption in ('measured', 'average', 'norm')),
    used_thousandths integer not null,
    charged_on text not null,
    value_thousandths integer not null,
    primary key (contract_id, installation_id, zone, run_id)
) strict, without rowid;
create index charged_point_run on charged_point (run_id, contract_id);
create index charged_point_installation on charged_point (installation_id);

-- What could not be charged, and why.
create table charge_skip (
    id integer primary key autoincrement,
    run_id integer not null references billing_run (id),
    account_id integer not null references account (id),
    contract_id integer not null references contract (id),
    reason text not null,
    detail text not null
) strict;
create index charge_skip_run on charge_skip (run_id, account_id);

create table bill (
    id integer primary key autoincrement,
    number text not null unique,
    run_id integer not null references billing_run (id),
    account_id integer not null references account (id),
    period text not null,
    -- what was owed before (above zero) or paid ahead (below)
    opening_kopecks integer not null,
    charged_kopecks integer not null,
    corrected_kopecks integer not null,
    -- received since the bill before
    paid_kopecks integer not null,
    due_kopecks integer not null,
    issued_on text not null,
    check (due_kopecks = opening_kopecks + charged_kopecks + corrected_kopecks - paid_kopecks),
    unique (run_id, account_id)
) strict;
create index bill_account on bill (account_id, period);
create index bill_period on bill (period, account_id);
