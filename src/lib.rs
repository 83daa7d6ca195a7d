//! Meterbook: one program that lets a gardening cooperative, a housing association or a managing company meter, bill and collect.
//!
//! # The tour
//!
//! Areas stand side by side, each a folder with the same roles: `<noun>.rs` holds a type, its rules and its SQL and knows no web; a named
//! calculation (`metering::checks`) is a pure function over values; `pages/` parses forms, asks the nouns and fills templates and knows no
//! SQL; `job.rs` is work that outlives a request. Two rules hold everywhere: **write at home, read anywhere** (only an area writes its own
//! tables), and **access is declared with the route**, never decided in a handler.
//!
//! In reading order:
//!
//! - [`kernel`]: quantities, months, moments, cleaned text - values that can only be right, no I/O.
//! - [`db`]: one SQL text for SQLite and PostgreSQL; on SQLite one writer whose transactions share commits.
//! - [`config`], [`app`], [`commands`], [`server`]: settings, the program in one value, the command line, the accept loop.
//! - [`web`]: routes with their access, guards, sessions, forms, lists, languages, the shell around a page, charts.
//! - [`staff`]: who works here and how they sign in. [`audit`]: who changed what.
//! - [`estate`]: sites, premises, owners, accounts, contracts, and the import that brings them in. [`search`]: finding any of them.
//! - [`metering`]: meters, seals, rounds, visits, readings, their checks and their review.
//! - [`ledger`]: double entry - books, transfers, the chain that proves them, and the pages that read them.
//! - [`tariffs`]: what a unit costs from which month on. [`billing`]: what is owed for a month, with its proof; runs and bills.
//! - [`orders`]: the price list, what payers order from it, what of that was delivered.
//! - [`payments`]: money received - typed, brought by the bank's files, matched, taken back.
//! - [`works`]: work orders, who is given them by lot, what workers earn and are paid.
//! - [`debtors`]: who owes, how much and for how long.
//! - [`notify`]: messages to people outside: the outbox, its carriers, when they may leave.
//! - [`reports`]: Excel. [`dashboard`]: what needs me today.
//! - [`jobs`]: work in the background, its queue and its schedule.
//! - [`events`]: what happened, for other programs: written with the change, relayed to a message broker.
//! - [`api`]: what other programs call; the description of it is made from the same declarations as its routes.
//! - [`files`], [`admin`]: stored files, settings, backup, verification and health.
//! - [`demo`]: an invented cooperative, the same on every machine.
//!
//! # Glossary
//!
//! | word | по-русски | means |
//! |---|---|---|
//! | site | объект | a cooperative's territory or a building |
//! | premise | участок, квартира | a plot or an apartment; has a label, address parts, an area |
//! | owner | собственник | a person or a company; may have many premises |
//! | ownership | право | an owner's share of a premise from a day until a day |
//! | account | лицевой счёт | what one payer owes and pays for one premise; its number never changes |
//! | contract | договор | an account's agreement about one service |
//! | meter, register | счётчик, шкала | a device; one dial of it, with a zone (single, day, night, peak, half-peak) |
//! | installation | установка | a meter at a premise from a day to a day, with opening and closing values |
//! | seal | пломба | its number, kind, place, and its state over time |
//! | round, stop, visit | обход, точка, посещение | the list walked in a month; one premise on it; what happened there |
//! | reading | показание | values of a meter's registers at a moment, with source, author, photos and checks; never edited, only superseded |
//! | flag | отметка | what a check noticed about a reading, with its numbers; never blocks |
//! | review | проверка | the office's decision about a reading with a serious flag |
//! | book, transfer | счёт учёта, проводка | an account of double entry; an immutable move of money between two of them |
//! | seal of a transfer | печать проводки | its place in the chain of hashes, which shows when anything was changed |
//! | tariff version, range | тариф, предел | prices of a service from a month on; a part of a month's use with a price of its own |
//! | open item, allocation | открытая позиция, разноска | what of a transfer is still owed or not yet used; money that met a debt, and why |
//! | run, charge, bill | расчёт, начисление, квитанция | one computation for a site and month; one line owed, with its working; the document |
//! | price list, order, delivery | прейскурант, заказ, оказание | what is sold by the piece; paid into the reserve when placed; earned when delivered |
//! | work order, fee, reward | наряд, сбор, вознаграждение | a task for a worker; what it costs to be given it; what is earned by doing it |
//! | reshuffle, payout | перераспределение, выплата | all open work orders drawn anew; what a worker is paid for a day |
//! | debt, ageing | долг, давность | what is open of the debits on an account's book; how many days since it fell due |
//! | job, lease | задание | work that outlives a request; for how long a node holds it without saying so again |
//! | event, relay | событие, передача | something that other programs are told of; what publishes it to the broker, one node at a time |
//! | import, plan | загрузка, план | a file brought in: exactly the plan that was shown is what is executed |

#[macro_use]
pub mod kernel;
pub mod admin;
pub mod api;
pub mod app;
pub mod audit;
pub mod billing;
pub mod commands;
pub mod config;
pub mod dashboard;
pub mod db;
pub mod debtors;
pub mod demo;
pub mod estate;
pub mod events;
pub mod files;
pub mod jobs;
pub mod ledger;
pub mod metering;
pub mod notify;
pub mod orders;
pub mod payments;
pub mod reports;
pub mod search;
pub mod server;
pub mod staff;
pub mod tariffs;
pub mod web;
pub mod works;
