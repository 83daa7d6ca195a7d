//! Who changed what: everything, filtered by person, kind and days.

use askama::Template;
use time::Date;

use crate::{
    audit::{Recorded, Subject},
    db::{self, Db, q},
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
    people: Vec<Choice>,
    lines: Vec<HistoryLine>,
    paging: Paging,
    address: Address,
}

/// What is asked of the audit; nothing means everything.
struct Filter {
    subject: Option<Subject>,
    actor: Option<i64>,
    from: Option<Moment>,
    before: Option<Moment>,
}

const CONDITIONS: &str =
    "($1 is null or subject_kind = $1) and ($2 is null or actor_id = $2) and ($3 is null or at >= $3) and ($4 is null or at < $4)";

impl Filter {
    async fn count(&self, db: &Db) -> db::Result<i64> {
        q(db, format!("select count(*) from audit where {CONDITIONS}"))
            .bind(self.subject)
            .bind(self.actor)
            .bind(self.from)
            .bind(self.before)
            .scalar()
            .await
    }

    async fn rows(&self, db: &Db, paging: Paging) -> db::Result<Vec<Recorded>> {
        let sql = format!(
            "select id, at, actor_name, action, subject_kind, subject_id, subject_name, address, before_values, after_values
            from audit
            where {CONDITIONS}
            order by id desc
            limit {} offset {}",
            paging.per_page,
            paging.offset()
        );
        q(db, sql).bind(self.subject).bind(self.actor).bind(self.from).bind(self.before).all().await
    }
}

pub async fn list(ctx: Ctx) -> Result {
    let l = ctx.l;
    let zone = Zone::moscow();
    let day = |name: &str| parse_date(ctx.query.text(name).trim());
    let filter = Filter {
        subject: ctx.query.text("subject").parse().ok(),
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
        people: people.into_iter().map(|user| Choice::new(user.id, user.name)).collect(),
        lines,
        paging,
        address: Address::new("/audit", &ctx.query),
        shell: Shell::of(&ctx, l.t("audit-title")).await?,
    })
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
