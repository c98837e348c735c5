package token_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/token"
	"arengo/process/worldtest"
)

func TestMake(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t)
	s, ctx := token.New(w.Core), t.Context()
	t.Run("OK", func(*testing.T) {
		secret, already, err := s.Make(ctx, w.Org, w.Promoter, token.Draft{Name: "  Sito   del Comune ", Days: 90})
		w.Must(err)
		list, err := s.List(ctx, w.Org)
		w.Must(err)
		if already || !strings.HasPrefix(secret, "arengo_") || len(list) != 1 || list[0].Name != "Sito del Comune" ||
			list[0].May(token.Advance) || !list[0].ExpiresAt.Equal(w.Start.AddDate(0, 0, 90)) {
			t.Errorf("%q, %+v", secret, list)
		}
	})
	t.Run("ErrFields", func(*testing.T) {
		_, _, err := s.Make(ctx, w.Org, w.Promoter, token.Draft{Name: " ", Days: 10_000})
		var list fault.List
		if !errors.As(err, &list) || len(list) != 2 || list[0].Field != "name" || list[1].Field != "days" {
			t.Error(err)
		}
		if _, _, err := s.Make(ctx, w.Org, w.Promoter, token.Draft{Name: strings.Repeat("è", 101), Days: 30}); !fault.Is(err, fault.Invalid) {
			t.Error(err)
		}
	})
	t.Run("ErrNotTheirs", func(*testing.T) {
		for who, code := range map[process.Actor]fault.Code{w.Stranger: fault.Forbidden, {}: fault.Unauthenticated} {
			if _, _, err := s.Make(ctx, w.Org, who, token.Draft{Name: "x", Days: 30}); !fault.Is(err, code) {
				t.Errorf("%v, want %s", err, code)
			}
			if err := s.Revoke(ctx, w.Org, who, "x"); !fault.Is(err, code) {
				t.Errorf("%v, want %s", err, code)
			}
		}
	})
}

// Another organisation's token does not exist here, even for an administrator.
func TestRevokeElsewhere(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t)
	s, ctx := token.New(w.Core), t.Context()
	_, _, err := s.Make(ctx, w.Org, w.Promoter, token.Draft{Name: "Sito", Days: 30})
	w.Must(err)
	list, err := s.List(ctx, w.Org)
	w.Must(err)
	var other process.OrganisationID
	w.One(&other, `INSERT INTO organisation (public_id, name, kind, created_at) VALUES ('other', 'Altrove', 'municipality', ?) RETURNING id`, w.Start)
	admin := w.Stranger
	admin.Administrator = true
	if err := s.Revoke(ctx, other, admin, list[0].PublicID); !fault.Is(err, fault.NotFound) {
		t.Error(err)
	}
	w.Must(s.Revoke(ctx, w.Org, admin, list[0].PublicID))
}

func TestPurge(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t)
	s, ctx := token.New(w.Core), t.Context()
	for _, days := range []int{30, 365} {
		_, _, err := s.Make(ctx, w.Org, w.Promoter, token.Draft{Name: "Sito", Days: days})
		w.Must(err)
	}
	for _, tt := range []struct {
		days, want int
	}{{31, 0}, {30 + 179, 0}, {30 + 181, 1}, {30 + 182, 0}} {
		w.Clock.Set(w.Start.Add(time.Duration(tt.days) * 24 * time.Hour))
		if n, err := s.Purge(ctx, 10); err != nil || n != tt.want {
			t.Errorf("after %d days: %d, %v, want %d", tt.days, n, err, tt.want)
		}
	}
}
