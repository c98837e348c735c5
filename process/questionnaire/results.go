package questionnaire

import (
	"context"
	"fmt"
	"io"
	"iter"
	"strconv"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/document"
	"arengo/process/fault"
	"arengo/process/questionnaire/form"
	"arengo/process/questionnaire/result"
)

// ResultsDocument is the code of the document by which the results of a
// process's first questionnaire become public; a later one adds its own public
// identifier.
const ResultsDocument = "results"

// Rows streams the submitted responses without any identity, in the order of
// their random identifiers. The stratum is the code of the municipality on the
// contact list.
func (s *Service) Rows(ctx context.Context, id process.ID, activity process.ActivityID) iter.Seq2[result.Row, error] {
	return rows(ctx, s.core.DB(), id, activity)
}

// Results are the figures as of now, kept until another response comes in.
// fault.NotFound "answer.not_published" before any version.
func (s *Service) Results(ctx context.Context, id process.ID, activity process.ActivityID) (*result.Results, error) {
	responses, version, err := countResponses(ctx, s.core.DB(), id, activity)
	if err != nil {
		return nil, err
	}
	key := tableKey{id, activity}
	if t, ok := s.tables.get(key); ok && t.responses == responses && t.version == version {
		return t.results, nil
	}
	r, err := s.tabulate(ctx, s.core.DB(), id, activity)
	if err == nil {
		s.tables.put(key, tabulated{responses, version, r})
	}
	return r, err
}

// tabulate reads every response against all published versions.
func (s *Service) tabulate(ctx context.Context, db bun.IDB, id process.ID, activity process.ActivityID) (*result.Results, error) {
	latest, _, err := s.compiled(ctx, db, formKey{id, activity, 0})
	if err != nil {
		return nil, err
	}
	numbers, err := listVersions(ctx, db, id, activity)
	if err != nil {
		return nil, err
	}
	o := result.Options{Versions: map[int]*form.Form{}}
	for _, n := range numbers {
		if o.Versions[n], _, err = s.compiled(ctx, db, formKey{id, activity, n}); err != nil {
			return nil, err
		}
	}
	if o.Names, err = strata(ctx, db, id, activity); err != nil {
		return nil, err
	}
	return result.Tabulate(latest, rows(ctx, db, id, activity), o)
}

// WriteAnswers writes every response as CSV in the language of words, in
// random order, without identity or stratum. ActResultRead is the route's.
// fault.Closed "answer.results_few" when they are too few to show anything.
func (s *Service) WriteAnswers(ctx context.Context, to io.Writer, id process.ID, activity process.ActivityID, words result.Words) error {
	n, _, err := countResponses(ctx, s.core.DB(), id, activity)
	if err != nil {
		return err
	}
	if n < result.DefaultMinCell {
		return fault.New(fault.Closed, "answer.results_few", "min", result.DefaultMinCell)
	}
	f, err := s.Form(ctx, id, activity, 0)
	if err != nil {
		return err
	}
	return words.WriteAnswers(to, f, s.Rows(ctx, id, activity), nil)
}

// Publication is the document by which results become public. Body is
// Markdown; both are shown on the process's page. Revision is that of the
// document that the form was made from, 0 before there is one.
type Publication struct {
	Title    string
	Body     string
	Revision int64
}

// ResultsText is the document of a questionnaire's results as it stands:
// Revision is 0 when nobody wrote it, PublishedAt nil when it is not public.
func (s *Service) ResultsText(ctx context.Context, id process.ID, activity process.ActivityID) (document.Document, error) {
	code, err := resultsCode(ctx, s.core.DB(), id, activity)
	if err != nil {
		return document.Document{}, err
	}
	return document.Written(ctx, s.core.DB(), id, code)
}

// PublishResults makes the results public: it notes the date, tells those who
// took part or follow, and writes and publishes the questionnaire's document,
// ResultsDocument for the first, which the workflow of the process may ask for. Doing it
// again replaces the text, keeps the first date and tells nobody twice.
// Refusals: fault.Conflict "form.stale" when the document is not at p.Revision,
// fault.Closed "answer.results_early" unless the questionnaire is closed, fault.Invalid
// at "title" or "body", and the policy's (ActActivityEnd).
func (s *Service) PublishResults(ctx context.Context, id process.ID, activity process.ActivityID, who process.Actor, p Publication) error {
	return s.core.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		pr, now, err := s.core.Begin(ctx, tx, id, who, process.ActActivityEnd)
		if err != nil {
			return err
		}
		a, err := s.core.LoadActivity(ctx, tx, id, activity)
		if err != nil {
			return err
		}
		if ok, err := s.core.Allows(ctx, tx, a, "publish", now); err != nil || !ok {
			return early(err)
		}
		code, err := resultsCode(ctx, tx, id, activity)
		if err != nil {
			return err
		}
		d := document.Document{ProcessID: id, Code: code, Title: p.Title, Body: p.Body, Revision: p.Revision, UpdatedAt: now}
		if err := document.Issue(ctx, tx, s.core, pr, who, d); err != nil {
			return err
		}
		if err := markResults(ctx, tx, id, activity, code, now); err != nil {
			return err
		}
		answered, _, err := countResponses(ctx, tx, id, activity)
		if err != nil {
			return err
		}
		extra := map[string]string{"answered": strconv.FormatInt(answered, 10)}
		if answered < result.DefaultMinCell {
			extra["few"] = "1" // the comment is all that there is to read
		}
		return s.core.Tell(ctx, tx, process.Telling{
			Process: id, Activity: activity, Kind: "results-published", Audience: "contributors,followers",
			Occasion: fmt.Sprintf("results/%d", activity), Now: now, Payload: process.Payload{Extra: extra},
		})
	})
}

func early(err error) error {
	if err != nil {
		return err
	}
	return fault.New(fault.Closed, "answer.results_early")
}
