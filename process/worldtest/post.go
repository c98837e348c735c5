package worldtest

import (
	"log/slog"

	"arengo/notify"
	"arengo/notify/mail"
	"arengo/process/processtest"
)

// Post gives what sends all that is due by the world's clock, and returns it.
func (w *World) Post() func() []*processtest.Message {
	w.T.Helper()
	sink := processtest.SMTP(w.T)
	relay, err := mail.ParseRelay(sink.URL())
	w.Must(err)
	drainer, err := notify.NewDrainer(notify.DrainerConfig{
		DB: w.DB, Outbox: w.Core.Outbox(), Clock: w.Clock, Relay: relay,
		Sender: mail.Sender{Address: "partecipa@example.org", Name: "Arengo"}, Log: slog.New(slog.DiscardHandler),
	})
	w.Must(err)
	return func() []*processtest.Message {
		w.T.Helper()
		sink.Clear()
		w.At(w.Clock.Time())
		_, err := drainer.Drain(w.T.Context())
		w.Must(err)
		return sink.Messages()
	}
}
