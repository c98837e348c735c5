package operator_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"arengo/process/operator"
)

func TestJudge(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) time.Time { return at.Add(-d) }
	up := []operator.Node{{Name: "a", SeenAt: at}}
	down := []operator.Node{{Name: "a", SeenAt: at}, {Name: "b", SeenAt: at, Trouble: "cannot connect", Since: ago(time.Hour)}}
	mail := func(c operator.Channel) operator.View {
		c.Name = "mail"
		return operator.View{Channels: []operator.Channel{c}}
	}
	tests := map[string]struct {
		view  operator.View
		want  string
		grave bool
	}{
		"quiet":          {mail(operator.Channel{Nodes: up}), "", false},
		"just queued":    {mail(operator.Channel{Nodes: up, Queued: 9, Oldest: ago(4 * time.Minute)}), "", false},
		"nobody works":   {mail(operator.Channel{Queued: 9, Oldest: ago(time.Hour)}), operator.FindNoNode, true},
		"nobody, idle":   {mail(operator.Channel{}), operator.FindNoNode, true},
		"relay down":     {mail(operator.Channel{Nodes: down, Queued: 9, Minute: 3, Oldest: ago(time.Minute)}), operator.FindTrouble, true},
		"nothing goes":   {mail(operator.Channel{Nodes: up, Queued: 9, Oldest: ago(6 * time.Minute)}), operator.FindStuck, true},
		"slow":           {mail(operator.Channel{Nodes: up, Queued: 900, Minute: 90, Oldest: ago(6 * time.Minute)}), operator.FindSlow, false},
		"paused":         {mail(operator.Channel{Queued: 9, Oldest: ago(time.Hour), Pause: &operator.Pause{Since: at, Why: "x"}}), operator.FindPaused, false},
		"paused, wrong":  {mail(operator.Channel{Day: 40, Missed: 40, Pause: &operator.Pause{Since: at}}), operator.FindRejected + " " + operator.FindPaused, false},
		"some missed":    {mail(operator.Channel{Nodes: up, Day: 1000, Missed: 30}), "", false},
		"many missed":    {mail(operator.Channel{Nodes: up, Day: 400, Missed: 22}), operator.FindRejected, false},
		"few in all":     {mail(operator.Channel{Nodes: up, Day: 2, Missed: 19}), "", false},
		"webhooks alone": {operator.View{Channels: []operator.Channel{{Name: operator.Webhook}}}, "", false},
		"webhooks stuck": {operator.View{Channels: []operator.Channel{{Name: operator.Webhook, Queued: 1, Oldest: ago(time.Hour)}}}, operator.FindStuck, true},
		"everything": {
			operator.View{
				Notices:   operator.Notices{Due: 3, Late: 2, Failing: 1},
				Deadlines: operator.Deadlines{Due: 4, Late: 3, Aside: 1},
				Hooks:     []operator.Hook{{}},
				Running:   []operator.Notice{{Pause: &operator.Pause{}}, {}},
			},
			strings.Join([]string{
				operator.FindFailing, operator.FindUnexpand, operator.FindAside, operator.FindOverdue, operator.FindHook, operator.FindNoticeOff,
			}, " "), true,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.view.At, tt.view.Patience = at, 5*time.Minute
			var codes []string
			grave := false
			for _, f := range operator.Judge(tt.view) {
				codes = append(codes, f.Code)
				grave = grave || f.Grave()
			}
			if got := strings.Join(codes, " "); got != tt.want || grave != tt.grave {
				t.Errorf("%q grave %v, want %q %v", got, grave, tt.want, tt.grave)
			}
		})
	}
	slow := operator.Judge(operator.View{At: at, Patience: time.Minute, Channels: []operator.Channel{{Name: "mail", Nodes: up, Queued: 900, Minute: 90, Oldest: ago(time.Hour)}}})
	if len(slow) != 1 || slow[0].Lasts != 11*time.Minute || slow[0].Count != 900 {
		t.Errorf("%+v", slow)
	}
}

func TestReasonClass(t *testing.T) {
	t.Parallel()
	tests := map[operator.Reason]string{
		{Status: "bounced", Code: 550, Enhanced: "5.1.1"}:  "address",
		{Status: "bounced", Code: 552, Enhanced: "5.2.2"}:  "full",
		{Status: "deferred", Code: 452, Enhanced: "4.2.2"}: "full",
		{Status: "failed", Code: 550, Enhanced: "5.7.1"}:   "policy",
		{Status: "deferred", Code: 451, Enhanced: "4.7.1"}: "later",
		{Status: "deferred"}:                               "connection",
		{Status: "deferred", Enhanced: "4.4.1"}:            "connection",
		{Status: "expired"}:                                "late",
		{Status: "complained", Enhanced: "5.1.1"}:          "complaint",
		{Status: "bounced", Code: 550}:                     "refused",
		{Status: "deferred", Code: 451}:                    "later",
		{Status: "failed", Code: 554}:                      "failed",
	}
	for r, want := range tests {
		if got := r.Class(); got != want || !slices.Contains(operator.Classes, got) {
			t.Errorf("%+v is %s, want %s", r, got, want)
		}
	}
}
