//! Who changed what: everything, filtered by person, kind and days.

use askama::Template;
use time::Date;

use crate::{
    audit::{Recorded, Subject},
    db::{self, Db, q},
    estate::filter::{Conditions, Given},
    kernel::{Moment, clock::Zone},
    web::{
        Ctx, Filled, Result,
        form::parse_date,
        list::{Address, Paging},
        page::{Choice, HistoryChange, HistoryLine, Shell, page},
    },
};

#[derive(Template)]
#[template(path = "staff/audit.html")]
struct AuditPage {
    shell: Shell,
    form: Filled,
    subjects: Vec<Choice>,
    actions: Vec<Choice>,
    people: Vec<Choice>,
    lines: Vec<HistoryLine>,
    paging: Paging,
    address: Address,
}

/// What is asked of the audit; nothing means everything.
struct Filter {
    subject: Option<Subject>,
    action: Option<String>,
    actor: Option<i64>,
    from: Option<Moment>,
    before: Option<Moment>,
}

impl Filter {
    fn conditions(&self) -> Conditions {
        let mut conditions = Conditions::default();
        if let Some(subject) = self.subject {
            conditions.and("subject_kind = ?1", vec![Given::Text(subject.to_string())]);
        }
        if let Some(action) = &self.action {
            conditions.and("action = ?1", vec![Given::Text(action.clone())]);
        }
        if let Some(actor) = self.actor {
            conditions.and("actor_id = ?1", vec![Given::Key(actor)]);
        }
        if let Some(from) = self.from {
            conditions.and("at >= ?1", vec![Given::Moment(from)]);
        }
        if let Some(before) = self.before {
            conditions.and("at < ?1", vec![Given::Moment(before)]);
        }
        conditions
    }

    async fn count(&self, db: &Db) -> db::Result<i64> {
        let conditions = self.conditions();
        conditions.bind(q(db, format!("select count(*) from audit{}", conditions.sql()))).scalar().await
    }

    async fn rows(&self, db: &Db, paging: Paging) -> db::Result<Vec<Recorded>> {
        let conditions = self.conditions();
        let sql = format!(
            "select id, at, actor_name, action, subject_kind, subject_id, subject_name, address, before_values, after_values
            from audit{}
            order by id desc
            limit {} offset {}",
            conditions.sql(),
            paging.per_page,
            paging.offset()
        );
        conditions.bind(q(db, sql)).all().await
    }
}

pub async fn list(ctx: Ctx) -> Result {
    let l = ctx.l;
    let zone = Zone::moscow();
    let day = |name: &str| parse_date(ctx.query.text(name).trim());
    let filter = Filter {
        subject: ctx.query.text("subject").parse().ok(),
        action: Some(ctx.query.text("action").to_owned()).filter(|action| !action.is_empty()),
        actor: ctx.query.text("actor").parse().ok(),
        from: day("from").map(|day| zone.start_of(day)),
        before: day("until").and_then(Date::next_day).map(|day| zone.start_of(day)),
    };
    let paging = Paging::of(&ctx.query, filter.count(&ctx.db).await?);
    let lines = filter.rows(&ctx.db, paging).await?.iter().map(|recorded| line(&ctx, recorded)).collect();
    let people = crate::staff::user::User::all(&ctx.db).await?;
    page(&AuditPage {
        form: Filled::new(l, ctx.query.clone()),
        subjects: Choice::all_of::<Subject>(l),
        actions: actions(&ctx).await?,
        people: people.into_iter().map(|user| Choice::new(user.id, user.name)).collect(),
        lines,
        paging,
        address: Address::new("/audit", &ctx.query),
        shell: Shell::of(&ctx, l.t("audit-title")).await?,
    })
}

/// What has been done at all, in words; step by step along the index, since the record is long and the kinds are few.
async fn actions(ctx: &Ctx) -> Result<Vec<Choice>> {
    let l = ctx.l;
    let mut actions = Vec::new();
    let mut last = String::new();
    while let Some(Some(next)) =
        q(&ctx.db, "select min(action) from audit where action > $1").bind(last.as_str()).scalar_opt::<Option<String>>().await?
    {
        actions.push(Choice::new(&next, if l.has(&next) { l.t(&next) } else { next.clone() }));
        last = next;
    }
    actions.sort_by(|one, other| one.label.cmp(&other.label));
    Ok(actions)
}

fn line(ctx: &Ctx, recorded: &Recorded) -> HistoryLine {
    let l = ctx.l;
    let action = if l.has(&recorded.action) { l.t(&recorded.action) } else { recorded.action.clone() };
    HistoryLine {
        when: ctx.moment(recorded.at),
        who: [recorded.actor_name.as_str(), recorded.address.as_str()].join(" "),
        what: format!("{action}: {}", recorded.subject_name),
        changes: recorded.differences().into_iter().map(|change| HistoryChange::of(l, change)).collect(),
    }
}
