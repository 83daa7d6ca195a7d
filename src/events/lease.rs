//! Which of several nodes over one PostgreSQL database relays. SQLite has one program, and that one does.

use time::Duration;

use crate::{
    db::{self, Db, Engine, q},
    kernel::Moment,
};

/// A node that says nothing for so long is dead, and another one relays.
pub const LENGTH: Duration = Duration::seconds(15);

/// The right to relay, held by this node or not.
#[derive(Debug)]
pub struct Lease {
    holder: String,
    until: Option<Moment>,
}

impl Default for Lease {
    fn default() -> Self {
        Self { holder: format!("{:032x}", rand::random::<u128>()), until: None }
    }
}

impl Lease {
    /// Takes the right, or goes on holding it; false while another node does.
    pub async fn hold(&mut self, db: &Db, now: Moment) -> db::Result<bool> {
        let is_fresh = self.until.is_some_and(|until| until.since(now) > LENGTH / 3 * 2);
        if is_fresh || db.engine() == Engine::Sqlite {
            return Ok(true);
        }
        let until = now.plus(LENGTH);
        let sql = "insert into event_relay (id, holder, lease_until)
            values (1, $1, $2)
            on conflict (id) do update
            set holder = $1, lease_until = $2
            where event_relay.holder = $1 or event_relay.lease_until <= $3";
        let mut tx = db.begin().await?;
        let taken = q(&mut tx, sql).bind(self.holder.as_str()).bind(until).bind(now).run().await?;
        tx.commit().await?;
        self.until = (taken == 1).then_some(until);
        Ok(self.until.is_some())
    }

    /// Lets another node relay at once.
    pub async fn give_back(&mut self, db: &Db) -> db::Result<()> {
        if self.until.take().is_none() {
            return Ok(());
        }
        let mut tx = db.begin().await?;
        q(&mut tx, "delete from event_relay where holder = $1").bind(self.holder.as_str()).run().await?;
        tx.commit().await
    }
}
