//! What templates say of each matter, and how that is settled: alike, chosen, or a conflict.

use std::collections::BTreeMap;

use super::conflict::{Conflict, Obstacle};
use super::matter::Line;
use super::particulars::Particulars;
use super::template::{Template, TemplateName};
use super::{Answer, Ask, Choice, Matter, Setting, Wishes};

/// What the templates say, by matter and then by template; `None` of one that says by its silence that there is nothing.
pub(super) struct Said(BTreeMap<Matter, BTreeMap<TemplateName, Option<Setting>>>);

impl Said {
    pub(super) fn of(
        templates: &[&Template],
        wishes: &Wishes,
        obstacles: &mut Vec<Obstacle>,
    ) -> Self {
        let mut said = Self(BTreeMap::new());
        let mut asked: BTreeMap<&str, &TemplateName> = BTreeMap::new();
        for template in templates {
            for (matter, setting) in template.particulars().iter() {
                said.put(matter.clone(), template, setting.clone());
            }
            for ask in &template.asks {
                asked.insert(&ask.key, &template.name);
                match filled(template, ask, wishes) {
                    Ok(Some((matter, setting))) => said.put(matter, template, setting),
                    Ok(None) => {}
                    Err(obstacle) => obstacles.push(obstacle),
                }
            }
        }
        said.hear_silence(templates);
        let strangers = wishes.answers.keys();
        let strangers = strangers.filter(|key| !asked.contains_key(key.as_str()));
        obstacles.extend(strangers.cloned().map(Obstacle::NotAsked));
        said
    }

    pub(super) fn matters(&self) -> impl Iterator<Item = &Matter> {
        self.0.keys()
    }

    pub(super) fn of_matter(&self, matter: &Matter) -> Vec<(TemplateName, Option<Setting>)> {
        let of_matter = self.0.get(matter).into_iter().flatten();
        of_matter
            .map(|(name, setting)| (name.clone(), setting.clone()))
            .collect()
    }

    fn put(&mut self, matter: Matter, template: &Template, setting: Setting) {
        let of_matter = self.0.entry(matter).or_default();
        of_matter.insert(template.name.clone(), Some(setting));
    }

    /// A template may say that there must be nothing. And two levels of one side belong together: a template that limits
    /// a side and leaves one level out means it so.
    fn hear_silence(&mut self, templates: &[&Template]) {
        for (matter, of_matter) in &mut self.0 {
            for template in templates
                .iter()
                .filter(|it| it.without.contains_key(matter))
            {
                of_matter.entry(template.name.clone()).or_insert(None);
            }
            let Matter::Limit(sign, line) = matter else {
                continue;
            };
            for template in templates {
                let lines = Line::of_side(line.side());
                let mut said =
                    lines.map(|line| template.particulars().get(&Matter::Limit(*sign, line)));
                if said.any(|it| it.is_some()) {
                    of_matter.entry(template.name.clone()).or_insert(None);
                }
            }
        }
    }

    /// Settles every matter: alike, chosen, or a conflict. The patient's own word comes on top and needs no choice.
    pub(super) fn settle(
        &self,
        wishes: &Wishes,
        own: &Particulars,
        obstacles: &mut Vec<Obstacle>,
    ) -> Particulars {
        let mut merged = Particulars::default();
        for (matter, of_matter) in &self.0 {
            let Some((_, first)) = of_matter.first_key_value() else {
                continue;
            };
            match wishes.choices.get(matter) {
                Some(Choice::LeaveOut) => {}
                Some(Choice::Template(name)) => match of_matter.get(name) {
                    Some(chosen) => merged.put_if_any(matter, chosen.as_ref()),
                    None => obstacles.push(Obstacle::NotSaid {
                        what: matter.clone(),
                        template: name.clone(),
                    }),
                },
                None if of_matter.values().all(|it| is_alike(it, first)) => {
                    merged.put_if_any(matter, first.as_ref());
                }
                None if own.get(matter).is_some() => {}
                None => obstacles.push(Obstacle::Conflict(Conflict {
                    what: matter.clone(),
                    ours: self.of_matter(matter),
                })),
            }
        }
        let unknown = wishes.choices.keys();
        let unknown = unknown.filter(|matter| !self.0.contains_key(matter));
        obstacles.extend(unknown.cloned().map(Obstacle::NobodySays));
        merged
    }
}

/// Tells whether two say the same, or both say nothing.
pub(super) fn is_alike(one: &Option<Setting>, other: &Option<Setting>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one.says_the_same_as(other),
        (one, other) => one.is_none() && other.is_none(),
    }
}

/// Fills a question's rule; none when the value is not known yet.
fn filled(
    template: &Template,
    ask: &Ask,
    wishes: &Wishes,
) -> Result<Option<(Matter, Setting)>, Obstacle> {
    let baseline = match wishes.answers.get(&ask.key) {
        None => {
            return Err(Obstacle::Unanswered {
                template: template.name.clone(),
                ask: Box::new(ask.clone()),
            });
        }
        Some(Answer::NotKnown) => return Ok(None),
        Some(Answer::Is(value)) => *value,
    };
    let rule = ask.rule(baseline).ok().filter(|_| ask.has(&baseline));
    let rule = rule.ok_or_else(|| Obstacle::AnswerOutOfBounds {
        ask: Box::new(ask.clone()),
        found: baseline,
    })?;
    let matter = Matter::Rule(rule.id().clone());
    Ok(Some((matter, Setting::Rule(Box::new(rule)))))
}
