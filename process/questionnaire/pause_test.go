package questionnaire_test

import (
	"testing"
	"time"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/pause"
	"arengo/process/questionnaire"
	"arengo/process/roster"
)

// A suspended questionnaire takes nothing in and loses nothing; when it goes on
// its end is as many days later.
func TestSuspendedQuestionnaireTakesNothingIn(t *testing.T) {
	t.Parallel()
	w := open(t, 3)
	ctx, ask, rest := t.Context(), w.token(0), pause.New(w.Core)
	w.mustSave(ask, "link", "work")
	request := pause.Request{Activity: w.activity.ID, Reason: "Un guasto al sito"}
	wantKey(t, rest.Resume(ctx, w.Process.ID, w.Promoter, request), fault.Conflict, "workflow.not_held")
	out, err := rest.PreviewSuspend(ctx, w.Process.ID, w.activity.ID)
	w.Must(err)
	if len(out.Own.Moved) != 3 || out.Own.Activity == nil || len(out.Own.Audience) != 1 || len(out.With)+len(out.Alone) != 0 {
		t.Fatalf("preview %+v", out)
	}
	w.Must(rest.Suspend(ctx, w.Process.ID, w.Promoter, request))
	w.activity, err = w.Core.LoadActivity(ctx, w.DB, w.Process.ID, w.activity.ID)
	w.Must(err)
	if !w.activity.Held() {
		t.Fatal("not held")
	}
	_, err = w.save(ask, "trust", "4")
	wantKey(t, err, fault.Closed, "activity.held")
	_, err = w.service.Submit(ctx, ask)
	wantKey(t, err, fault.Closed, "activity.held")
	_, err = w.roster.Invite(ctx, w.Process.ID, w.activity.ID, w.Promoter, roster.Selection{All: true})
	wantKey(t, err, fault.Closed, "activity.held")
	if v := w.visit(ask); v.Phase != questionnaire.PhaseHeld || v.SavedAt == nil || len(v.Answers) != 1 {
		t.Errorf("visit %+v", v)
	}
	w.At(w.Clock.Time().Add(time.Minute))
	if n := w.Deliveries(w.activity, "held"); n != 3 {
		t.Errorf("%d people are told that it rests", n)
	}
	w.At(end.Add(48 * time.Hour)) // its own end is past, and nothing closes
	if got := w.State(w.activity); got != "open" {
		t.Fatalf("state %s", got)
	}
	w.Must(rest.Resume(ctx, w.Process.ID, w.Promoter, request))
	if v := w.visit(ask); v.Phase != questionnaire.PhaseOpen || !v.ClosesAt.After(end.Add(48*time.Hour)) {
		t.Errorf("visit %+v", v)
	}
	w.mustSave(ask, "trust", "4")
	_, err = w.service.Submit(ctx, ask)
	w.Must(err)
	w.At(w.Clock.Time().Add(time.Minute))
	if n := w.Deliveries(w.activity, "resumed"); n != 2 { // who has answered has no reason to know
		t.Errorf("%d people are told that it goes on", n)
	}
}

// The end of a suspended questionnaire does not move, and who is no promoter
// writes no exception.
func TestWhoMovesAnEnd(t *testing.T) {
	t.Parallel()
	w := open(t, 1)
	far := process.NewEnd{Activity: w.activity.ID, End: end.AddDate(0, 0, 90), Reason: "Serve tempo"}
	_, err := w.Core.Extend(t.Context(), w.Process.ID, w.Promoter, far)
	wantKey(t, err, fault.Invalid, "workflow.extend_beyond_max")
	far.Act = "no-such-paper"
	_, err = w.Core.Extend(t.Context(), w.Process.ID, w.Promoter, far)
	wantKey(t, err, fault.Invalid, "workflow.extend_act_unknown")
	far.Act, far.Exception = "", true
	helper := w.Actor("aiuto@example.org", "Aiuto")
	w.Member(helper, process.RoleFacilitator)
	_, err = w.Core.Extend(t.Context(), w.Process.ID, helper, far)
	wantKey(t, err, fault.Forbidden, "workflow.exception_promoter")
	x, err := w.Core.Extend(t.Context(), w.Process.ID, w.Promoter, far)
	if w.Must(err); !x.Exception {
		t.Errorf("%+v", x)
	}
	near := process.NewEnd{Activity: w.activity.ID, End: end.AddDate(0, 0, -5), Reason: "Bastano"}
	_, err = w.Core.PreviewShorten(t.Context(), w.Process.ID, near)
	w.Must(err)
	_, err = w.Core.Shorten(t.Context(), w.Process.ID, w.Promoter, near)
	w.Must(err)
	if v := w.visit(w.token(0)); !v.ClosesAt.Equal(near.End) {
		t.Errorf("closes %v", v.ClosesAt)
	}
}
