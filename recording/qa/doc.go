// Package qa judges conversations (R9.2): which are listened to, by which form,
// what the agent has to say to it, and how sure the result is. It is pure: no
// clock, no I/O and no chance that is not handed in.
//
// # Which calls
//
// A [Plan] says how many conversations of each agent and period are listened to.
// Of each period there is a [Draw]: first a promise, the hash of its seed, then,
// when the period is over, the sample that seed and population lead to. Whoever
// has both can draw again ([Draw.Verify]). What is picked for a reason comes on
// top and is marked. Each pick becomes a [Task] of a scorer.
//
// # From a call to a score
//
// A [Form] has sections and items with weights. A scorer's [Answers] and the
// form give a [Scored], in exact fractions, rounded only where it is shown. What
// is judged is one agent's part of one call, an [Evaluation]: a machine whose
// only changes are [Event]s, so that its whole history can be read and folded
// again. docs/states.md has its states. A form has versions, and an evaluation
// keeps the one it was made by (R16.1), deadlines included.
//
// # From scores to a result
//
// A month's score of an agent is a sample of it. [Results] gives the mean with
// the interval that holds the truth at least 95 times of 100 (interval.go),
// grades only what that interval allows to be graded, and tells two agents apart
// only where the difference is more than chance (differ.go). Scores of calls
// that were picked for a reason are shown apart: they are not a sample.
//
// # From scorers to each other
//
// Several scorers judge the same call without seeing each other's answers, a
// [Calibration]. [Alpha] is Krippendorff's measure of how far they agree;
// [Agreement] gives it per item and per scorer.
package qa
