//! The people of the sample locality, and what they may do.

use clinical::duty::{Area, Organisation};

use super::sample::{Sample, run};
use crate::store::organisation;

impl Sample {
    /// Registers the team and its people, each a nurse of it.
    pub(super) async fn staff(&self) {
        let mut write = self.state.store.write().await.unwrap();
        for (id, name) in [("north", "North team")] {
            run(
                &mut write,
                "INSERT INTO team (id, name) VALUES ($1, $2)",
                &[id, name],
            )
            .await;
        }
        for (id, name, role) in [
            ("nurse-1", "Anna Price", "Community matron"),
            ("nurse-2", "Bilal Khan", "Care coordinator"),
            ("dr-rees", "Dr Carys Rees", "GP"),
            ("lead-1", "Lena Marsh", "Team lead"),
            ("ooh-1", "Omar Said", "Out-of-hours nurse"),
        ] {
            let person = "INSERT INTO person (id, name, role, team) VALUES ($1, $2, $3, 'north')";
            run(&mut write, person, &[id, name, role]).await;
            let grant = "INSERT INTO role_grant (person, number, role, team, granted_at) VALUES ($1, 1, 'nurse', 'north', 0)";
            run(&mut write, grant, &[id]).await;
        }
        let gateway = "INSERT INTO gateway (id, tag_key, signing_public_key, registered_at) VALUES ($1, '', '', 0)";
        run(&mut write, gateway, &["gw-1"]).await;
        let areas = vec![Area {
            id: "city".parse().unwrap(),
            name: "City".to_owned(),
        }];
        let name = "Test services".to_owned();
        organisation::put(&mut write, &Organisation { name, areas })
            .await
            .unwrap();
        write.commit().await.unwrap();
        self.rota(&[]).await;
    }

    /// Gives a person these roles in the team, and no others.
    pub(crate) async fn grants(&self, person: &str, roles: &[&str]) {
        let mut write = self.state.store.write().await.unwrap();
        let withdrawn = "UPDATE role_grant SET withdrawn_at = 1 WHERE person = $1";
        run(&mut write, withdrawn, &[person]).await;
        let grant = "INSERT INTO role_grant (person, number, role, team, granted_at) \
                     SELECT $1, MAX(number) + 1, $2, 'north', 0 FROM role_grant WHERE person = $1";
        for role in roles {
            run(&mut write, grant, &[person, role]).await;
        }
        write.commit().await.unwrap();
    }
}
