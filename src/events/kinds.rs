//! Every kind of event with its fields. Keys, numbers, sums and days, no names and no addresses: what else a reader needs, and may see, it
//! asks the API for. Sums are whole kopecks, as there.

use serde::Serialize;

use crate::{
    api::values::Day,
    billing::BillId,
    estate::{premise::PremiseId, site::SiteId},
    kernel::{Moment, Money, Period, Quantity},
    metering::{InstallationId, MeterId, ReadingId, Zone, reading::Source},
    payments::payment::{Method, PaymentId, PaymentImportId},
};

/// Something that other programs are told of.
pub trait Event: Serialize {
    /// What happened: the end of the subject under which it is published.
    const KIND: &'static str;
    /// Of its fields. Grows when one goes or comes to mean something else; one more field leaves it.
    const VERSION: i64;
}

macro_rules! told_as {
    ($($event:ident: $kind:literal, $version:literal;)+) => {
        $(impl Event for $event {
            const KIND: &'static str = $kind;
            const VERSION: i64 = $version;
        })+

        /// All kinds with their versions.
        pub const KINDS: &[(&str, i64)] = &[$(($kind, $version)),+];
    };
}

told_as! {
    BillIssued: "bill.issued", 1;
    PaymentReceived: "payment.received", 1;
    PaymentReversed: "payment.reversed", 1;
    ReadingAccepted: "reading.accepted", 1;
    MonthClosed: "month.closed", 1;
    WorkOrderCreated: "work_order.created", 1;
    WorkOrderAssigned: "work_order.assigned", 1;
    WorkOrderCompleted: "work_order.completed", 1;
    PayoutPaid: "payout.paid", 1;
}

/// A month was approved, and an account owes what its bill says.
#[derive(Clone, Debug, Serialize)]
pub struct BillIssued {
    pub bill_id: BillId,
    pub number: String,
    /// The account's number.
    pub account: String,
    pub site_id: SiteId,
    pub period: Period,
    #[serde(rename = "opening_kopecks")]
    pub opening: Money,
    #[serde(rename = "charged_kopecks")]
    pub charged: Money,
    #[serde(rename = "corrected_kopecks")]
    pub corrected: Money,
    #[serde(rename = "paid_kopecks")]
    pub paid: Money,
    #[serde(rename = "due_kopecks")]
    pub due: Money,
    pub issued_on: Day,
}

/// Money came in.
#[derive(Clone, Debug, Serialize)]
pub struct PaymentReceived {
    pub payment_id: PaymentId,
    /// The account's number; none while nobody is known whose money it is.
    pub account: Option<String>,
    #[serde(rename = "amount_kopecks")]
    pub amount: Money,
    pub received_on: Day,
    pub method: Method,
    /// The bill that the payer named.
    pub bill_id: Option<BillId>,
    /// The file that brought it.
    pub import_id: Option<PaymentImportId>,
}

/// A payment was taken back: it was wrong.
#[derive(Clone, Debug, Serialize)]
pub struct PaymentReversed {
    pub payment_id: PaymentId,
    /// The number of the account that had the money.
    pub account: Option<String>,
    #[serde(rename = "amount_kopecks")]
    pub amount: Money,
    pub reversed_on: Day,
}

/// A reading counts from now on: at once, or because a reviewer said so.
#[derive(Clone, Debug, Serialize)]
pub struct ReadingAccepted {
    pub reading_id: ReadingId,
    pub meter_id: MeterId,
    pub installation_id: InstallationId,
    /// None of a meter that belongs to its site.
    pub premise_id: Option<PremiseId>,
    pub site_id: SiteId,
    pub taken_at: Moment,
    pub source: Source,
    /// The reading that no longer counts since this one does.
    pub supersedes_id: Option<ReadingId>,
    /// In the order of the dials.
    pub values: Vec<DialValue>,
}

/// What one dial showed.
#[derive(Clone, Debug, Serialize)]
pub struct DialValue {
    pub zone: Zone,
    pub value: Quantity,
}

/// A month of a site was closed: nothing is charged in it any more.
#[derive(Clone, Debug, Serialize)]
pub struct MonthClosed {
    pub site_id: SiteId,
    pub period: Period,
    /// The place in the ledger's chain that closes it, and its hash: what stands on the bills.
    pub position: i64,
    pub hash: String,
}

/// A work order was made.
#[derive(Clone, Debug, Serialize)]
pub struct WorkOrderCreated {
    work_order_id: i64,
    premise_id: Option<PremiseId>,
}

impl WorkOrderCreated {
    pub fn new(work_order_id: i64, premise_id: Option<PremiseId>) -> Self {
        Self { work_order_id, premise_id }
    }
}

/// A work order has a worker, or another one; the fee was taken from his account.
#[derive(Clone, Debug, Serialize)]
pub struct WorkOrderAssigned {
    work_order_id: i64,
    worker_id: i64,
    fee_kopecks: Money,
}

impl WorkOrderAssigned {
    pub fn new(work_order_id: i64, worker_id: i64, fee: Money) -> Self {
        Self { work_order_id, worker_id, fee_kopecks: fee }
    }
}

/// A work order is done; the reward is on the account of the worker who had it.
#[derive(Clone, Debug, Serialize)]
pub struct WorkOrderCompleted {
    work_order_id: i64,
    worker_id: i64,
    reward_kopecks: Money,
}

impl WorkOrderCompleted {
    pub fn new(work_order_id: i64, worker_id: i64, reward: Money) -> Self {
        Self { work_order_id, worker_id, reward_kopecks: reward }
    }
}

/// A worker was paid out for a day.
#[derive(Clone, Debug, Serialize)]
pub struct PayoutPaid {
    payout_id: i64,
    worker_id: i64,
    amount_kopecks: Money,
    day: Day,
}

impl PayoutPaid {
    pub fn new(payout_id: i64, worker_id: i64, amount: Money, day: time::Date) -> Self {
        Self { payout_id, worker_id, amount_kopecks: amount, day: Day(day) }
    }
}
