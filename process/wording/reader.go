package wording

import (
	"context"
	"log/slog"
	"sync"

	"github.com/uptrace/bun"

	"arengo/notify/catalogue"
	"arengo/notify/templates"
)

// Reader gives the texts of processes ready to be filled in, and keeps what it made
// ready: one text of each process, kind and language, the newest that it met. It is
// for any number of goroutines, and one database.
type Reader struct {
	log   *slog.Logger
	mu    sync.Mutex
	known map[place]ready
}

// NewReader makes a reader.
func NewReader(log *slog.Logger) *Reader { return &Reader{log: log, known: map[place]ready{}} }

type place struct {
	process      int64
	kind, locale string
}

type ready struct {
	revision int
	text     *templates.Adapted // nil for one that is not good any more
}

// Of gives the adapted texts of a kind in a process by locale, nil for none. It
// asks once, for a kind that can be adapted. A text that the program does not find
// good any more is logged and left out, so that the kind's own goes in its place.
func (r *Reader) Of(ctx context.Context, db bun.IDB, processID int64, kind string) (templates.Wordings, error) {
	if k, ok := catalogue.Named(kind); !ok || !k.Adaptable || processID == 0 {
		return nil, nil
	}
	rows, err := listCurrent(ctx, db, processID, kind)
	if err != nil {
		return nil, err
	}
	var out templates.Wordings
	for _, v := range rows {
		if v.Standard() {
			continue
		}
		if text := r.ready(ctx, v); text != nil {
			if out == nil {
				out = templates.Wordings{}
			}
			out[v.Locale] = text
		}
	}
	return out, nil
}

func (r *Reader) ready(ctx context.Context, v Version) *templates.Adapted {
	at := place{v.ProcessID, v.Kind, v.Locale}
	r.mu.Lock()
	defer r.mu.Unlock()
	if known, ok := r.known[at]; ok && known.revision == v.Revision {
		return known.text
	}
	text, problems, err := templates.Adapt(v.Kind, v.Locale, v.Wording())
	if err != nil || len(problems) > 0 {
		r.log.ErrorContext(ctx, "an adapted text cannot be used, the standard one is sent",
			"process_id", v.ProcessID, "kind", v.Kind, "locale", v.Locale, "revision", v.Revision, "problems", len(problems), "error", err)
	}
	r.known[at] = ready{v.Revision, text}
	return text
}
