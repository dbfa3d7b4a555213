//! What a database holds, to be compared with what it held before.

use std::collections::BTreeMap;

use crate::web::sample::Sample;

/// Tables that tell of looking and of signing in, not of what was done.
const OF_LOOKING: [&str; 6] = [
    "audit",
    "audit_tip",
    "session",
    "set_up_code",
    "sign_in_failure",
    "sign_in_question",
];

/// Writes every row of every table but those of looking.
pub(crate) async fn contents(sample: &Sample) -> BTreeMap<String, String> {
    let mut contents = BTreeMap::new();
    for (table, columns) in tables(sample).await {
        if OF_LOOKING.contains(&table.as_str()) {
            continue;
        }
        let quoted = columns.iter().map(|it| format!("quote(\"{it}\")"));
        let row = quoted.collect::<Vec<_>>().join("||','||");
        let rows = format!("SELECT COALESCE(group_concat({row}, char(10)), '') FROM \"{table}\"");
        let rows: String = sqlx::query_scalar(sqlx::AssertSqlSafe(rows))
            .fetch_one(sample.state.store.readers())
            .await
            .unwrap();
        contents.insert(table, rows);
    }
    contents
}

/// Names the columns, of all tables, that hold a text for which a condition on `{}` is true.
pub(crate) async fn columns_where(sample: &Sample, condition: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (table, columns) in tables(sample).await {
        for column in columns {
            let holds = condition.replace("{}", &format!("\"{column}\""));
            let count = format!("SELECT COUNT(*) FROM \"{table}\" WHERE {holds}");
            let count: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(count))
                .fetch_one(sample.state.store.readers())
                .await
                .unwrap();
            if count > 0 {
                found.push(format!("{table}.{column}"));
            }
        }
    }
    found
}

/// Lists the tables with their columns.
async fn tables(sample: &Sample) -> Vec<(String, Vec<String>)> {
    let readers = sample.state.store.readers();
    let names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%sql%' ORDER BY name";
    let names: Vec<String> = sqlx::query_scalar(names).fetch_all(readers).await.unwrap();
    let mut tables = Vec::with_capacity(names.len());
    for name in names {
        let columns = sqlx::query_scalar("SELECT name FROM pragma_table_info($1)")
            .bind(name.clone())
            .fetch_all(readers)
            .await
            .unwrap();
        tables.push((name, columns));
    }
    tables
}
