//! Every call, tried as nobody and as every role: what is declared is what happens. And the description of them all.

use meterbook::{
    api::{self, all_calls, calls::Op},
    estate::site::SiteId,
    staff::user::{Role, User, UserId},
    web::Access,
};
use serde_json::{Value, json};

use super::{Program, Told};

fn filled(op: &Op, with: &str) -> String {
    op.path.split('/').map(|part| if part.starts_with('{') { with } else { part }).collect::<Vec<_>>().join("/")
}

async fn call(program: &Program, op: &Op) -> Told {
    let body = if op.body.is_some() { "{}" } else { "" };
    program.call(op.method, &filled(op, "999999"), body, None).await
}

#[test]
fn the_table_of_calls_is_what_was_agreed() {
    let line = |(method, path, access, limit): (&str, String, Access, usize)| {
        format!("{method:<6} {path:<52} {:<20} {:>8} KiB", access.to_string(), limit / 1024)
    };
    let lines: Vec<String> = all_calls().table().into_iter().map(line).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn the_description_kept_for_readers_is_that_of_the_program() {
    let kept = std::fs::read_to_string("docs/openapi.json").unwrap_or_default();
    let made = api::description().unwrap();
    let same = serde_json::from_str::<Value>(&kept).ok() == serde_json::from_str(&made).ok();
    assert!(same, "docs/openapi.json is not of today: meterbook openapi > docs/openapi.json");
}

both_engines! {
    async fn nobody_calls_anything_without_a_token(app: TestApp) {
        let stranger = app.program();
        let forger = Program { token: Some("meterbook_0000".to_owned()), ..stranger.clone() };
        for op in all_calls().ops() {
            for program in [&stranger, &forger] {
                let told = call(program, op).await;
                assert_eq!(told.status == 401, op.access != Access::Public, "{} {}: {}", op.method, op.path, told.status);
            }
        }
    }

    async fn every_role_calls_exactly_what_its_rights_say(app: TestApp) {
        app.site().await;
        for role in Role::ALL {
            let program = app.program_of(role.as_str(), "Кто-то", *role).await;
            for op in all_calls().ops() {
                let may = match op.access {
                    Access::Public | Access::SignedIn => true,
                    Access::Can(permission) => role.can(permission),
                };
                let told = call(&program, op).await;
                let seen = format!("{role} {} {}: {} {}", op.method, op.path, told.status, told.body);
                assert!(!told.status.is_server_error(), "{seen}");
                assert_eq!(told.status == 403, !may, "{seen}");
            }
        }
    }

    async fn a_controller_sees_only_the_sites_he_was_given(app: TestApp) {
        let anna = app.administrators_program().await;
        let own = anna.post("/sites", json!({ "name": "Своя", "kind": "garden" })).await.id();
        let foreign = anna.post("/sites", json!({ "name": "Чужая", "kind": "garden" })).await.id();
        let mut ids = Vec::new();
        for site in [own, foreign] {
            let premise = anna.post("/premises", json!({ "site_id": site, "label": "1-1-1" })).await.id();
            let owner = anna.post("/owners", json!({ "last_name": format!("Хозяин {site}") })).await.id();
            let account = anna.post("/accounts", json!({ "premise_id": premise, "payer_id": owner })).await.id();
            let contract = anna.post("/contracts", json!({ "account_id": account, "service": "water" })).await.id();
            let meter = json!({ "premise_id": premise, "resource": "water", "serial": format!("s{site}"), "opening": { "single": "1" } });
            let meter = anna.post("/meters", meter).await.id();
            ids.push([("sites", site), ("premises", premise), ("owners", owner), ("accounts", account), ("contracts", contract), ("meters", meter)]);
        }
        let kirill: UserId = app.user("kirill", "Кирилл Береговой", Role::Controller).await;
        let program = app.program().signed_in("kirill").await;
        for (path, _) in &ids[0] {
            assert_eq!(program.get(&format!("/{path}")).await.is(200).body["total"], 0, "{path}");
        }
        let mut tx = app.db.begin().await.unwrap();
        User::give_sites(&mut tx, kirill, &[SiteId(own)]).await.unwrap();
        tx.commit().await.unwrap();
        for (path, id) in &ids[0] {
            let told = program.get(&format!("/{path}")).await;
            assert_eq!((&told.body["total"], &told.body["items"][0]["id"]), (&json!(1), &json!(id)), "{path}");
            program.get(&format!("/{path}/{id}")).await.is(200);
        }
        for (path, id) in &ids[1] {
            program.get(&format!("/{path}/{id}")).await.refuses(404, "not_found");
            program.delete(&format!("/{path}/{id}")).await.refuses(403, "forbidden");
            let filtered = program.get(&format!("/{path}?site_id={foreign}")).await;
            assert!(filtered.status == 422 || filtered.body["total"] == 0, "{path}: {}", filtered.body);
        }
    }
}
