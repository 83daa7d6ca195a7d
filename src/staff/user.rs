//! A member of staff, their role and what it permits.

use std::{collections::HashMap, sync::Arc};

use serde::Serialize;
use unicode_normalization::UnicodeNormalization as _;

use crate::{
    db::{self, Db, On, Tx, q},
    estate::site::SiteId,
    kernel::Moment,
    web::i18n::Language,
};

crate::ids! {
    /// Key of a member of staff.
    UserId,
}

crate::text_enum! {
    /// What a person does here. `Service` is an account for another program.
    Role as "role" {
        Administrator = "administrator",
        Manager = "manager",
        Controller = "controller",
        Accountant = "accountant",
        Chair = "chair",
        Service = "service",
    }
}

crate::text_enum! {
    /// What routes ask for. Which role has which is the one table in `Role::can`.
    Permission as "permission" {
        /// See the registry, with names, phones and addresses.
        SeeEstate = "see_estate",
        EditEstate = "edit_estate",
        /// Walk a round and enter what is seen at the plot.
        WalkRounds = "walk_rounds",
        /// Make rounds and split them among controllers.
        PlanRounds = "plan_rounds",
        /// Enter readings in the office.
        EnterReadings = "enter_readings",
        ReviewReadings = "review_readings",
        EditMeters = "edit_meters",
        /// See what is owed and paid.
        SeeMoney = "see_money",
        /// Enter prices.
        EditTariffs = "edit_tariffs",
        /// Enter, match and reverse payments, give money back.
        TakePayments = "take_payments",
        /// Calculate and approve months.
        Bill = "bill",
        /// Place, deliver and cancel orders.
        Order = "order",
        /// Write to debtors, and send a message again.
        Notify = "notify",
        /// Do work orders that one was given.
        DoWorkOrders = "do_work_orders",
        /// See everybody's work orders, and reshuffle the open ones.
        AssignWorkOrders = "assign_work_orders",
        /// See what every worker earned and was paid.
        SeeEarnings = "see_earnings",
        /// Have workers paid for a day by a call of a program.
        PayWorkers = "pay_workers",
        /// Pay workers out of turn, and decide about a large payout that another person, or the program, began.
        DecidePayouts = "decide_payouts",
        /// See what the company earns with work orders.
        SeeAnalytics = "see_analytics",
        Import = "import",
        /// Download reports.
        Report = "report",
        /// Download every table there is.
        ExportEverything = "export_everything",
        ManageStaff = "manage_staff",
        SeeAudit = "see_audit",
        /// Settings, jobs, backups.
        Administer = "administer",
    }
}

impl Role {
    /// The table of rights.
    pub fn can(self, permission: Permission) -> bool {
        use Permission as P;
        match self {
            Self::Administrator => true,
            Self::Manager => !matches!(
                permission,
                P::ExportEverything
                    | P::ManageStaff
                    | P::Administer
                    | P::DoWorkOrders
                    | P::SeeEarnings
                    | P::PayWorkers
                    | P::DecidePayouts
                    | P::SeeAnalytics
            ),
            Self::Accountant => matches!(
                permission,
                P::SeeEstate
                    | P::EditEstate
                    | P::EnterReadings
                    | P::ReviewReadings
                    | P::EditMeters
                    | P::SeeMoney
                    | P::EditTariffs
                    | P::TakePayments
                    | P::Bill
                    | P::Order
                    | P::Notify
                    | P::Import
                    | P::Report
                    | P::ExportEverything
                    | P::SeeEarnings
                    | P::PayWorkers
                    | P::DecidePayouts
            ),
            Self::Controller => matches!(permission, P::SeeEstate | P::WalkRounds | P::DoWorkOrders),
            Self::Chair => matches!(permission, P::SeeEstate | P::SeeMoney | P::Report | P::SeeAudit | P::SeeAnalytics),
            Self::Service => matches!(permission, P::SeeEstate | P::EnterReadings | P::SeeMoney | P::TakePayments | P::PayWorkers),
        }
    }

    /// Must this role have a second factor?
    pub fn needs_second_factor(self) -> bool {
        matches!(self, Self::Administrator | Self::Accountant)
    }
}

/// A member of staff as stored.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct User {
    pub id: UserId,
    pub login: String,
    pub name: String,
    pub role: Role,
    pub email: String,
    pub language: Language,
    pub theme: String,
    pub password_hash: Option<String>,
    pub totp_secret: Option<String>,
    pub totp_last_step: Option<i64>,
    pub is_blocked: bool,
    pub auth_epoch: i64,
    pub created_at: Moment,
}

/// Class of the lock under which somebody stops being an administrator.
const ADMINISTRATORS_LOCK: i32 = 3;

/// What an administrator enters about a person.
#[derive(Clone, Debug, Serialize)]
pub struct UserDetails {
    pub login: String,
    pub name: String,
    pub role: Role,
    pub email: String,
    pub language: Language,
}

/// One query text with another ending; the columns stand in one place.
macro_rules! select_user {
    ($ending:literal) => {
        concat!(
            "select id, login, name, role, email, language, theme, password_hash, totp_secret, totp_last_step, is_blocked, auth_epoch, created_at
            from staff_user ",
            $ending
        )
    };
}

impl User {
    pub async fn find(on: impl Into<On<'_>>, id: UserId) -> db::Result<Option<Self>> {
        q(on, select_user!("where id = $1")).bind(id).opt().await
    }

    /// By login as typed: normalised here, so that letter case and composition do not matter.
    pub async fn by_login(on: impl Into<On<'_>>, typed: &str) -> db::Result<Option<Self>> {
        let Some(login) = normal_login(typed) else { return Ok(None) };
        q(on, select_user!("where login = $1")).bind(login).opt().await
    }

    /// Everyone, by name.
    pub async fn all(on: impl Into<On<'_>>) -> db::Result<Vec<Self>> {
        q(on, select_user!("order by is_blocked, name, id")).all().await
    }

    /// Everyone of a role who may sign in, by name.
    pub async fn active_with_role(on: impl Into<On<'_>>, role: Role) -> db::Result<Vec<Self>> {
        q(on, select_user!("where role = $1 and is_blocked = $2 order by name, id")).bind(role).bind(false).all().await
    }

    /// Nobody else could administer. Two administrators who demote each other at once wait here for one another.
    pub async fn is_last_administrator(&self, tx: &mut Tx) -> db::Result<bool> {
        tx.lock(ADMINISTRATORS_LOCK, 0).await?;
        let others: i64 = q(tx, "select count(*) from staff_user where role = 'administrator' and is_blocked = $1 and id <> $2")
            .bind(false)
            .bind(self.id)
            .scalar()
            .await?;
        Ok(self.role == Role::Administrator && others == 0)
    }

    pub async fn count(on: impl Into<On<'_>>) -> db::Result<i64> {
        q(on, "select count(*) from staff_user").scalar().await
    }

    /// The sites this person sees; `None` means all. Only a controller is held to the sites he is given.
    pub async fn visible_sites(&self, db: &Db) -> db::Result<Option<Arc<[SiteId]>>> {
        if self.role != Role::Controller {
            return Ok(None);
        }
        Self::given_sites(db, self.id).await.map(|sites| Some(sites.into()))
    }

    pub async fn given_sites(on: impl Into<On<'_>>, id: UserId) -> db::Result<Vec<SiteId>> {
        q(on, "select site_id from staff_user_site where user_id = $1 order by site_id").bind(id).scalars().await
    }

    /// The sites of all who were given any.
    pub async fn all_given_sites(on: impl Into<On<'_>>) -> db::Result<HashMap<UserId, Vec<SiteId>>> {
        let mut given: HashMap<UserId, Vec<SiteId>> = HashMap::new();
        let rows: Vec<(UserId, SiteId)> = q(on, "select user_id, site_id from staff_user_site order by user_id, site_id").all().await?;
        for (user, site) in rows {
            given.entry(user).or_default().push(site);
        }
        Ok(given)
    }

    /// Gives a controller one more site, unless he has it.
    pub async fn also_give_site(tx: &mut Tx, id: UserId, site: SiteId) -> db::Result<()> {
        q(tx, "insert into staff_user_site (user_id, site_id) values ($1, $2) on conflict do nothing").bind(id).bind(site).run().await?;
        Ok(())
    }

    /// Replaces the sites a controller is given.
    pub async fn give_sites(tx: &mut Tx, id: UserId, sites: &[SiteId]) -> db::Result<()> {
        q(&mut *tx, "delete from staff_user_site where user_id = $1").bind(id).run().await?;
        if sites.is_empty() {
            return Ok(());
        }
        let rows: Vec<String> = (0..sites.len()).map(|index| format!("($1, ${})", index + 2)).collect();
        let mut statement = q(tx, format!("insert into staff_user_site (user_id, site_id) values {}", rows.join(", "))).bind(id);
        for site in sites {
            statement = statement.bind(*site);
        }
        statement.run().await?;
        Ok(())
    }

    /// A new password: ends every session of this person.
    pub async fn set_password(tx: &mut Tx, id: UserId, hash: &str) -> db::Result<()> {
        q(tx, "update staff_user set password_hash = $2, auth_epoch = auth_epoch + 1 where id = $1")
            .bind(id)
            .bind(hash.to_owned())
            .run()
            .await?;
        Ok(())
    }

    /// The same password hashed with today's parameters; sessions stay.
    pub async fn rehash_password(tx: &mut Tx, id: UserId, hash: &str) -> db::Result<()> {
        q(tx, "update staff_user set password_hash = $2 where id = $1").bind(id).bind(hash.to_owned()).run().await?;
        Ok(())
    }

    pub async fn set_blocked(tx: &mut Tx, id: UserId, is_blocked: bool) -> db::Result<()> {
        q(tx, "update staff_user set is_blocked = $2, auth_epoch = auth_epoch + 1 where id = $1").bind(id).bind(is_blocked).run().await?;
        Ok(())
    }

    pub async fn set_preferences(tx: &mut Tx, id: UserId, language: Language, theme: &str) -> db::Result<()> {
        q(tx, "update staff_user set language = $2, theme = $3 where id = $1").bind(id).bind(language).bind(theme.to_owned()).run().await?;
        Ok(())
    }

    /// Switches the second factor on or off.
    pub async fn set_totp(tx: &mut Tx, id: UserId, secret: Option<&str>) -> db::Result<()> {
        q(tx, "update staff_user set totp_secret = $2, totp_last_step = null where id = $1")
            .bind(id)
            .bind(secret.map(str::to_owned))
            .run()
            .await?;
        Ok(())
    }

    /// Uses up a time step of the second factor; false when it, or a later one, was used before.
    pub async fn spend_totp_step(tx: &mut Tx, id: UserId, step: i64) -> db::Result<bool> {
        let changed = q(tx, "update staff_user set totp_last_step = $2 where id = $1 and (totp_last_step is null or totp_last_step < $2)")
            .bind(id)
            .bind(step)
            .run()
            .await?;
        Ok(changed == 1)
    }
}

impl UserDetails {
    /// Writes a new person down, without a password: they set it through their invitation.
    pub async fn create(&self, tx: &mut Tx, at: Moment) -> db::Result<UserId> {
        q(
            tx,
            "insert into staff_user (login, name, role, email, language, created_at)
            values ($1, $2, $3, $4, $5, $6)
            returning id",
        )
        .bind(self.login.clone())
        .bind(self.name.clone())
        .bind(self.role)
        .bind(self.email.clone())
        .bind(self.language)
        .bind(at)
        .scalar()
        .await
    }

    /// Saves changes; another role ends the person's sessions.
    pub async fn save(&self, tx: &mut Tx, id: UserId) -> db::Result<()> {
        q(
            tx,
            "update staff_user
            set login = $2, name = $3, email = $5, language = $6,
                auth_epoch = auth_epoch + case when role = $4 then 0 else 1 end,
                role = $4
            where id = $1",
        )
        .bind(id)
        .bind(self.login.clone())
        .bind(self.name.clone())
        .bind(self.role)
        .bind(self.email.clone())
        .bind(self.language)
        .run()
        .await?;
        Ok(())
    }
}

impl From<&User> for UserDetails {
    fn from(user: &User) -> Self {
        Self { login: user.login.clone(), name: user.name.clone(), role: user.role, email: user.email.clone(), language: user.language }
    }
}

/// A login in its one form: composed, lower case, letters of one script, digits and `.-_@`, 2 to 64 characters.
///
/// Mixed scripts are refused because `аdmin` with a Cyrillic `а` would pass for another person.
pub fn normal_login(typed: &str) -> Option<String> {
    let login: String = typed.trim().nfc().collect::<String>().to_lowercase();
    let is_latin = |c: char| c.is_ascii_lowercase();
    let is_cyrillic = |c: char| matches!(c, 'а'..='я' | 'ё');
    let is_plain = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '_' | '@');
    let is_well_made = login.chars().all(|c| is_latin(c) || is_cyrillic(c) || is_plain(c));
    let is_mixed = login.chars().any(is_latin) && login.chars().any(is_cyrillic);
    let length = login.chars().count();
    (is_well_made && !is_mixed && (2..=64).contains(&length)).then_some(login)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_has_one_form_and_one_script() {
        assert_eq!(normal_login(" Anna.K@Example "), Some("anna.k@example".to_owned()));
        assert_eq!(normal_login("АННА"), Some("анна".to_owned()));
        for wrong in ["аdmin", "a", "a b", "<x>", "ａｄｍｉｎ", "", "a\0b"] {
            assert_eq!(normal_login(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn only_an_administrator_manages_staff() {
        for role in Role::ALL {
            assert_eq!(role.can(Permission::ManageStaff), *role == Role::Administrator);
        }
    }
}
