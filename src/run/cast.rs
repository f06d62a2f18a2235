//! The scenarios as cucumber wants them: a parser that reads nothing, because all was read before.

use cucumber::parser;
use futures::stream;
use gherkin::Feature;

use crate::project::Plan;

/// Hands the planned scenarios to cucumber, file by file; what was left out is not among them.
#[derive(Clone, Debug)]
pub struct Cast(Vec<Feature>);

impl Cast {
    /// The scenarios of a plan that are to be run, in this order.
    pub fn in_order(plan: &Plan, order: &[usize]) -> Self {
        let alone = order.iter().map(|index| {
            let planned = &plan.scenarios[*index];
            let mut feature = plan.files[planned.file].feature.clone();
            feature.scenarios.clear();
            feature.rules.iter_mut().for_each(|rule| rule.scenarios.clear());
            let of = planned.rule.and_then(|rule| feature.rules.get_mut(rule));
            let scenarios = of.map_or(&mut feature.scenarios, |rule| &mut rule.scenarios);
            scenarios.push(planned.scenario.clone());
            feature
        });
        Self(alone.collect())
    }

    /// The scenarios of a plan that are to be run.
    pub fn of(plan: &Plan) -> Self {
        let chosen = |file: usize, rule: Option<usize>| {
            plan.scenarios
                .iter()
                .filter(move |one| one.file == file && one.rule == rule && one.left_out.is_none())
                .map(|one| one.scenario.clone())
                .collect::<Vec<_>>()
        };
        let features = plan.files.iter().enumerate().map(|(file, source)| {
            let mut feature = source.feature.clone();
            feature.scenarios = chosen(file, None);
            for (rule, of) in feature.rules.iter_mut().enumerate() {
                of.scenarios = chosen(file, Some(rule));
            }
            feature
        });
        Self(features.collect())
    }
}

impl parser::Parser<()> for Cast {
    type Cli = cucumber::cli::Empty;
    type Output = stream::Iter<std::vec::IntoIter<parser::Result<Feature>>>;

    fn parse(self, (): (), _: Self::Cli) -> Self::Output {
        stream::iter(self.0.into_iter().map(Ok).collect::<Vec<_>>())
    }
}
