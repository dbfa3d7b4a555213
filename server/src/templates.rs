//! Templates, score tables and hard stops: those that are built in, or an operator's folder of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use clinical::plan::{HardStops, ServiceFile, Template, TemplateFile, TemplateName};
use clinical::score::ScoreTable;

/// The most files that a folder of templates or score tables may hold.
const FILES_LEN_MAX: usize = 200;

/// A file's name without its ending, and its text.
type NamedText = (String, String);

/// What plans start from and how far they may go.
#[derive(Debug, Clone)]
pub struct Templates {
    by_name: BTreeMap<TemplateName, Template>,
    /// How far a plan may go before a prescriber must say why.
    pub hard_stops: HardStops,
    /// How many days after it came in force a plan is looked at again.
    pub review_after_days: u16,
    /// Where they were read; `None` for those that are built in.
    folder: Option<PathBuf>,
}

/// The texts of everything that is loaded.
struct Texts {
    service: String,
    hard_stops: String,
    scores: Vec<NamedText>,
    templates: Vec<NamedText>,
}

macro_rules! built_in {
    ($folder:literal: $($name:literal),+ $(,)?) => {
        [$(($name, include_str!(concat!("../../config/", $folder, "/", $name, ".toml")))),+]
    };
}

const SCORES: [(&str, &str); 1] = built_in!("scores": "news2");

const TEMPLATES: [(&str, &str); 8] = built_in!(
    "templates":
    "copd-88-92",
    "copd-94-98",
    "general",
    "heart-failure",
    "hypertension",
    "hypertension-over-80",
    "post-covid-oximetry",
    "pregnancy",
);

impl Templates {
    /// Loads those of a folder, or those that are built in.
    ///
    /// # Errors
    /// When a file cannot be read or says something wrong; the error names the file.
    pub fn load(folder: Option<&Path>) -> anyhow::Result<Self> {
        match folder {
            None => Self::built_in(),
            Some(folder) => Self::of_folder(folder),
        }
    }

    /// Gives those that are built in: the files of `config/` as they were when the program was built.
    ///
    /// # Errors
    /// When one of them says something wrong, which a test rules out.
    pub fn built_in() -> anyhow::Result<Self> {
        let owned = |(name, text): (&str, &str)| (name.to_owned(), text.to_owned());
        let texts = Texts {
            service: include_str!("../../config/service.toml").to_owned(),
            hard_stops: include_str!("../../config/hard-stops.toml").to_owned(),
            scores: SCORES.into_iter().map(owned).collect(),
            templates: TEMPLATES.into_iter().map(owned).collect(),
        };
        texts.resolve(None)
    }

    fn of_folder(folder: &Path) -> anyhow::Result<Self> {
        let texts = Texts {
            service: read(&folder.join("service.toml"))?,
            hard_stops: read(&folder.join("hard-stops.toml"))?,
            scores: read_all(&folder.join("scores"))?,
            templates: read_all(&folder.join("templates"))?,
        };
        texts
            .resolve(Some(folder.to_owned()))
            .with_context(|| format!("in the clinical folder {}", folder.display()))
    }

    /// Finds templates by their names, in the order of the names given.
    ///
    /// # Errors
    /// When there is none of a name; the error lists those that there are.
    pub fn pick(&self, names: &[TemplateName]) -> anyhow::Result<Vec<&Template>> {
        let find = |name: &TemplateName| {
            let found = self.by_name.get(name);
            found.with_context(|| {
                format!("there is no template {name}; there are: {}", self.names())
            })
        };
        names.iter().map(find).collect()
    }

    /// Gives the templates by name.
    pub fn iter(&self) -> impl Iterator<Item = &Template> {
        self.by_name.values()
    }

    /// Says in sentences what was loaded, one for each line.
    pub fn explain(&self) -> String {
        let place = match &self.folder {
            None => "built in; write [clinical] folder to use your own".to_owned(),
            Some(folder) => folder.display().to_string(),
        };
        let mut lines = vec![format!("Templates, score tables and hard stops: {place}")];
        for it in self.iter() {
            lines.push(format!(
                "Template {}: {}. {}",
                it.name, it.title, it.for_whom
            ));
        }
        lines.join("\n")
    }

    fn names(&self) -> String {
        let names: Vec<&str> = self.by_name.keys().map(TemplateName::as_str).collect();
        names.join(", ")
    }
}

impl Texts {
    fn resolve(self, folder: Option<PathBuf>) -> anyhow::Result<Templates> {
        let service: ServiceFile = toml::from_str(&self.service).context("service.toml")?;
        let hard_stops = toml::from_str(&self.hard_stops).context("hard-stops.toml")?;
        let mut tables: BTreeMap<String, ScoreTable> = BTreeMap::new();
        for (name, text) in self.scores {
            let table = toml::from_str(&text).with_context(|| format!("scores/{name}.toml"))?;
            tables.insert(name, table);
        }
        let mut by_name = BTreeMap::new();
        for (name, text) in &self.templates {
            let template = resolve(name, text, &service, &tables)
                .with_context(|| format!("templates/{name}.toml"))?;
            by_name.insert(template.name.clone(), template);
        }
        Ok(Templates {
            by_name,
            hard_stops,
            review_after_days: service.review().after_days,
            folder,
        })
    }
}

fn resolve(
    name: &str,
    text: &str,
    service: &ServiceFile,
    tables: &BTreeMap<String, ScoreTable>,
) -> anyhow::Result<Template> {
    let file: TemplateFile = toml::from_str(text)?;
    ensure!(
        file.name().as_str() == name,
        "name is {}; a template is in the file of its name",
        file.name()
    );
    Ok(file.resolve(service, tables)?)
}

/// Reads every TOML file of a folder.
fn read_all(folder: &Path) -> anyhow::Result<Vec<NamedText>> {
    let entries = std::fs::read_dir(folder)
        .with_context(|| format!("cannot read the folder {}", folder.display()))?;
    let mut texts = Vec::new();
    for entry in entries {
        let path = entry
            .with_context(|| format!("cannot read the folder {}", folder.display()))?
            .path();
        let name = path.file_stem().and_then(|it| it.to_str());
        let Some(name) = name.filter(|_| path.extension().is_some_and(|it| it == "toml")) else {
            continue;
        };
        ensure!(
            texts.len() < FILES_LEN_MAX,
            "{} holds more than {FILES_LEN_MAX} files",
            folder.display()
        );
        texts.push((name.to_owned(), read(&path)?));
    }
    Ok(texts)
}

fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../config")
    }

    fn refusal(folder: &Path) -> String {
        format!("{:#}", Templates::load(Some(folder)).unwrap_err())
    }

    /// A copy of the folder, to be changed.
    fn copied() -> tempfile::TempDir {
        let copy = tempfile::tempdir().unwrap();
        for folder in ["templates", "scores"] {
            std::fs::create_dir(copy.path().join(folder)).unwrap();
            for (name, text) in read_all(&config().join(folder)).unwrap() {
                let path = copy.path().join(folder).join(format!("{name}.toml"));
                std::fs::write(path, text).unwrap();
            }
        }
        for name in ["service.toml", "hard-stops.toml"] {
            std::fs::copy(config().join(name), copy.path().join(name)).unwrap();
        }
        copy
    }

    #[test]
    fn what_is_built_in_is_what_the_folder_holds() {
        let built_in = Templates::load(None).unwrap();
        let folder = Templates::load(Some(&config())).unwrap();
        assert_eq!(built_in.by_name, folder.by_name);
        assert_eq!(built_in.hard_stops, folder.hard_stops);
        assert_eq!(built_in.by_name.len(), TEMPLATES.len());
        let scores = read_all(&config().join("scores")).unwrap();
        assert_eq!(scores.len(), SCORES.len());
    }

    #[test]
    fn each_template_is_explained_and_an_unknown_one_is_named_with_those_that_there_are() {
        let templates = Templates::load(None).unwrap();
        let explained = templates.explain();
        assert!(
            explained.contains("Template heart-failure: Heart failure. Adults"),
            "{explained}"
        );
        assert!(explained.contains("built in"), "{explained}");
        let names = ["general".parse().unwrap(), "gout".parse().unwrap()];
        let refusal = templates.pick(&names).unwrap_err().to_string();
        assert!(
            refusal.contains("no template gout; there are: copd-88-92"),
            "{refusal}"
        );
        assert_eq!(templates.pick(&names[..1]).unwrap().len(), 1);
    }

    #[test]
    fn an_operators_folder_is_used_instead_and_a_mistake_in_it_is_named_by_its_file() {
        let copy = copied();
        let file = copy.path().join("templates/general.toml");
        let text = read(&file).unwrap();
        std::fs::write(&file, text.replace("General observation", "Watching")).unwrap();
        let own = Templates::load(Some(copy.path())).unwrap();
        assert!(own.explain().contains("Template general: Watching."));
        assert!(own.explain().contains(&copy.path().display().to_string()));

        std::fs::write(&file, text.replace("n = 3", "n = 9")).unwrap();
        assert!(refusal(copy.path()).contains("templates/general.toml"));
        std::fs::write(&file, text.replace("\"general\"", "\"special\"")).unwrap();
        assert!(refusal(copy.path()).contains("in the file of its name"));
        std::fs::write(&file, text).unwrap();
        std::fs::remove_file(copy.path().join("scores/news2.toml")).unwrap();
        assert!(refusal(copy.path()).contains("no score table \"news2\""));
        std::fs::remove_file(copy.path().join("hard-stops.toml")).unwrap();
        assert!(refusal(copy.path()).contains("cannot read"));
    }
}
