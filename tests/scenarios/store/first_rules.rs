//! The first rules: journals that they wrote are in use, and are read and rebuilt for ever.

use serde::Deserialize;
use server::history;
use server::store::cases;

use crate::world::{World, patient};

/// Written by the program when its first rules decided.
const WRITTEN: &str = include_str!("../../vectors/journal_rules_1.json");

#[derive(Deserialize)]
struct Written {
    rows: Vec<Row>,
    alerts: Vec<String>,
}

#[derive(Deserialize)]
struct Row {
    patient: String,
    number: i64,
    at: i64,
    event: String,
    decisions: String,
    plan_version: i64,
    rule_set_version: i64,
}

impl World {
    /// Puts rows in the place of every journal, with the readings that they speak of.
    async fn was_journalled(&self, rows: &[Row]) {
        self.tamper("DELETE FROM journal").await;
        let mut write = self.store.write().await.unwrap();
        for row in rows {
            let insert = "INSERT INTO journal (patient, number, at, event, decisions, plan_version, rule_set_version) \
                          VALUES ($1, $2, $3, $4, $5, $6, $7)";
            sqlx::query(insert)
                .bind(&row.patient)
                .bind(row.number)
                .bind(row.at)
                .bind(&row.event)
                .bind(&row.decisions)
                .bind(row.plan_version)
                .bind(row.rule_set_version)
                .execute(&mut *write)
                .await
                .unwrap();
            let event: serde_json::Value = serde_json::from_str(&row.event).unwrap();
            let Some(reading) = event["id"].as_str() else {
                continue;
            };
            let entry = "INSERT INTO entry (gateway, epoch, sequence, previous, hash, record, stored_at) \
                         VALUES ('gateway-1', $1, 1, '', '', '', 0)";
            sqlx::query(entry)
                .bind(reading)
                .execute(&mut *write)
                .await
                .unwrap();
            let insert = "INSERT INTO reading (id, patient, device, measured_at, received_at, stored_at, gateway, epoch, \
                          sequence) VALUES ($1, $2, 'cuff-1', 0, 0, 0, 'gateway-1', $1, 1)";
            sqlx::query(insert)
                .bind(reading)
                .bind(&row.patient)
                .execute(&mut *write)
                .await
                .unwrap();
        }
        write.commit().await.unwrap();
    }
}

pub(crate) async fn a_journal_of_the_first_rules_is_read_and_rebuilt(world: World) {
    let written: Written = serde_json::from_str(WRITTEN).unwrap();
    assert!(written.rows.iter().all(|row| row.rule_set_version == 1));
    world.was_journalled(&written.rows).await;
    assert_eq!(history::rebuild_all(&world.store).await.unwrap(), 3);
    let alerts = "SELECT 'patient=\"' || patient || '\" number=\"' || number || '\" problem=\"' || problem \
                  || '\" priority=\"' || priority || '\" condition_is=\"' || condition_is \
                  || '\" ownership_is=\"' || ownership_is || '\" answers=\"' || answers || '\" why=\"' || why \
                  || '\" evidence_len=\"' || evidence_len || '\" opened_at=\"' || opened_at \
                  || '\" newest_measured_at=\"' || newest_measured_at \
                  || '\" taken_at=' || COALESCE('\"' || taken_at || '\"', 'None') \
                  || ' closed_at=' || COALESCE('\"' || closed_at || '\"', 'None') \
                  || ' outcome=' || COALESCE('\"' || outcome || '\"', 'None') \
                  || ' note=' || COALESCE('\"' || note || '\"', 'None') FROM alert ORDER BY patient, number";
    assert_eq!(world.texts(alerts).await, written.alerts);

    // What is decided from here on is decided by the rules of today, on a case that the first rules left.
    let mut write = world.store.write().await.unwrap();
    for number in 1..=3 {
        let replayed = history::replay(&mut write, &patient(number)).await.unwrap();
        let locked = cases::lock(&mut write, &patient(number)).await.unwrap();
        assert_eq!(replayed.journal_len, locked.unwrap().journal_len);
        if let Some(difference) = replayed.difference {
            assert_eq!(difference.rule_set_version, 1);
        }
    }
}
