package dashboard

import (
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/threerings/threerings/queue"
	"github.com/threerings/threerings/recording/qa"
)

// maxMarks is how many evaluations one result may be made of.
const maxMarks = 20_000

// scores reads a period's evaluations and sums them up; agents get their own.
func (s *Server) scores(r *http.Request, id identity, since, until time.Time) (qa.Report, error) {
	store, err := s.quality()
	if err != nil {
		return qa.Report{}, err
	}
	f := qa.Filter{Since: since, Until: until, Limit: maxMarks}
	if f.Agents, err = id.about(""); err != nil {
		return qa.Report{}, err
	}
	all, err := store.Evaluations(r.Context(), f)
	if err != nil {
		return qa.Report{}, s.ledgerProblem(r, err)
	}
	if len(all) == maxMarks {
		return qa.Report{}, newProblem(http.StatusBadRequest, codeBadParameter, fmt.Sprintf("more than %d evaluations: ask for a shorter period", maxMarks-1))
	}
	population, err := store.Conversations(r.Context(), since, until)
	if err != nil {
		return qa.Report{}, s.ledgerProblem(r, err)
	}
	maps.DeleteFunc(population, func(a queue.AgentID, _ int) bool { return !id.of(a) })
	now, marks := time.Now(), make([]qa.Mark, 0, len(all))
	for _, e := range all {
		v, ok := e.Current()
		if !ok {
			continue
		}
		marks = append(marks, qa.Mark{Evaluation: e.ID, Agent: e.Agent, Score: v.Scored.Total, Origin: e.Origin, Fatal: len(v.Scored.Fatal) > 0, Settled: e.Settled(now)})
	}
	return qa.Results(marks, population), nil
}

// month reads since and until; without them, this month until now.
func (q *query) month() (since, until time.Time) {
	y, m, _ := q.now.In(q.zone).Date()
	since = q.time("since", time.Date(y, m, 1, 0, 0, 0, 0, q.zone).UTC())
	until = q.time("until", q.now.UTC())
	if q.err == nil && (until.Before(since) || until.Sub(since) > maxPeriod) {
		q.fail("give a period of at most %d days, since before until", int(maxPeriod.Hours()/24))
	}
	return since, until
}

// showScores is GET /api/v1/qa/scores.
func (s *Server) showScores(w http.ResponseWriter, r *http.Request, id identity) error {
	q := s.query(r, "since", "until")
	since, until := q.month()
	if q.err != nil {
		return q.err
	}
	report, err := s.scores(r, id, since, until)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, struct {
		Since       stamp           `json:"since"`
		Until       stamp           `json:"until"`
		Confidence  float64         `json:"confidence"`
		Grades      []qa.Grade      `json:"grades"`
		Results     []qa.Result     `json:"results"`
		Differences []qa.Difference `json:"differences"`
	}{stamp(since), stamp(until), qa.Confidence, qa.Grades(), notNil(report.Results), notNil(report.Differences)})
	return nil
}

// exportScores is GET /api/v1/qa/scores/export?format=csv|xlsx.
func (s *Server) exportScores(w http.ResponseWriter, r *http.Request, id identity) error {
	q := s.query(r, "since", "until", "format")
	since, until := q.month()
	format := q.text("format")
	if format != "csv" && format != "xlsx" {
		q.fail("format %q: give csv or xlsx", cut(format))
	}
	if q.err != nil {
		return q.err
	}
	report, err := s.scores(r, id, since, until)
	if err != nil {
		return err
	}
	sheet := s.sheet(report)
	name := fmt.Sprintf("scores-%s.%s", since.In(q.zone).Format(time.DateOnly), format)
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	w.Header().Set("Cache-Control", "private, no-store")
	if format == "csv" {
		w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		return writeCSV(w, sheet)
	}
	w.Header().Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	return writeXLSX(w, sheet)
}

// sheet is the results as a table; the first row names the columns.
func (s *Server) sheet(report qa.Report) [][]any {
	names := map[queue.AgentID]queue.AgentConfig{}
	for _, a := range s.opts.Core.Snapshot().Config.Agents {
		names[a.ID] = a
	}
	rows := [][]any{{"agent", "name", "name_en", "n", "population", "mean", "low", "high", "verdict", "grades", "open", "fatal", "targeted", "targeted_mean"}}
	for _, v := range report.Results {
		row := []any{string(v.Agent), names[v.Agent].Name, names[v.Agent].NameEN, v.N, v.Population, nil, nil, nil, string(v.Verdict), strings.Join(v.Grades, " "),
			v.Open, v.Fatal, v.Targeted, nil}
		if v.N > 0 {
			row[5], row[6], row[7] = tenth(v.Interval.Mean), tenth(v.Interval.Low), tenth(v.Interval.High)
		}
		if v.Targeted > 0 {
			row[13] = tenth(v.TargetedMean)
		}
		rows = append(rows, row)
	}
	return rows
}

// tenth rounds to what is shown.
func tenth(v float64) float64 {
	n, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'f', 1, 64), 64)
	return n
}

func writeCSV(w io.Writer, rows [][]any) error {
	if _, err := io.WriteString(w, "\uFEFF"); err != nil { // so that spreadsheets read it as UTF-8
		return err
	}
	out := csv.NewWriter(w)
	for _, row := range rows {
		line := make([]string, len(row))
		for i, v := range row {
			switch v := v.(type) {
			case nil:
			case string:
				line[i] = harmless(v)
			case float64:
				line[i] = strconv.FormatFloat(v, 'f', 1, 64)
			default:
				line[i] = fmt.Sprint(v)
			}
		}
		if err := out.Write(line); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// harmless keeps spreadsheets from running a text as a formula.
func harmless(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

func writeXLSX(w io.Writer, rows [][]any) error {
	f := excelize.NewFile()
	defer f.Close()
	const sheet = "Sheet1"
	for i, row := range rows {
		if err := f.SetSheetRow(sheet, "A"+strconv.Itoa(i+1), &row); err != nil {
			return fmt.Errorf("write the table: %w", err)
		}
	}
	if err := f.Write(w); err != nil {
		return fmt.Errorf("write the table: %w", err)
	}
	return nil
}
