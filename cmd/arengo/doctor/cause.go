package doctor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"

	"arengo/migrations"
	"arengo/notify/mail"
)

// Say chooses between Italian and English.
type Say func(it, en string) string

// NoDatabase is one sentence about a database that cannot be used: the
// variable that names it, why, and the remedy. It holds no password.
func NoDatabase(variable string, err error, say Say) string {
	return fmt.Sprintf(say(
		"%s: il database non risponde (%s); controlla che sia acceso e che l’indirizzo sia giusto",
		"%s: the database does not answer (%s); check that it runs and that the address is right",
	), variable, cause(err, say))
}

// BadSchema is err, or one sentence in the reader's language when the database
// has migrations that are not this program's: the first of them and the remedy.
func BadSchema(err error, say Say) error {
	var unknown *migrations.UnknownError
	var edited *migrations.EditedError
	switch {
	case errors.As(err, &unknown):
		return fmt.Errorf(say(
			"il database ha già la migrazione %s, che questo programma non conosce: usa il programma più recente",
			"migration %s is applied but unknown to this program: run the newer program",
		), unknown.Migration)
	case errors.As(err, &edited):
		return fmt.Errorf(say(
			"la migrazione %s è cambiata dopo essere stata applicata: ripristina il file e scrivi una migrazione nuova",
			"migration %s was edited after it was applied: restore the file and write a new migration",
		), edited.Migration)
	}
	return err
}

// NoRedis is NoDatabase for ARENGO_REDIS_URL.
func NoRedis(err error, say Say) string {
	return fmt.Sprintf(say(
		"ARENGO_REDIS_URL: Redis non risponde (%s); controlla che sia acceso e che l’indirizzo sia giusto",
		"ARENGO_REDIS_URL: Redis does not answer (%s); check that it runs and that the address is right",
	), cause(err, say))
}

// NoRelay is NoDatabase for ARENGO_SMTP_URL.
func NoRelay(err error, say Say) string {
	failed := new(mail.Error)
	if !errors.As(err, &failed) {
		failed = &mail.Error{Err: err}
	}
	what, remedy := say("il server di posta non prende messaggi", "the mail relay takes no messages"),
		say("controlla host e porta", "check host and port")
	switch failed.Step {
	case "connect":
		what = say("il server di posta non risponde", "the mail relay does not answer")
	case "encrypt":
		what = say("nessuna connessione cifrata con il server di posta", "no encrypted connection with the mail relay")
		remedy = say("controlla il certificato del server, o usa smtps://; senza cifratura aggiungi ?tls=none",
			"check the server's certificate, or use smtps://; to go without encryption add ?tls=none")
	case "login":
		what = say("il server di posta rifiuta utente e password", "the mail relay refuses user and password")
		remedy = say("correggi utente e password", "correct user and password")
	case "sender":
		what = say("il server di posta rifiuta il mittente", "the mail relay refuses the sender")
		remedy = say("controlla ARENGO_MAIL_FROM", "check ARENGO_MAIL_FROM")
	}
	return fmt.Sprintf("ARENGO_SMTP_URL: %s (%s); %s", what, cause(failed.Err, say), remedy)
}

// cause puts the usual reasons in plain words, and any other on one line.
func cause(err error, say Say) string {
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		switch refused.Code {
		case "28P01", "28000":
			return say("rifiuta utente o password", "it refuses user or password")
		case "3D000":
			return say("il database con quel nome non esiste", "no database has that name")
		}
		return oneLine(refused.Message)
	}
	var name *net.DNSError
	var timeout net.Error
	switch {
	case errors.As(err, &name):
		return fmt.Sprintf(say("nessuna macchina si chiama %s", "no machine is called %s"), name.Name)
	case errors.Is(err, syscall.ECONNREFUSED):
		return say("connessione rifiutata", "connection refused") + at(err)
	case errors.Is(err, os.ErrNotExist):
		return say("il socket non esiste", "the socket does not exist") + at(err)
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return say("nessuna risposta in tempo", "no answer in time") + at(err)
	case err != nil && (strings.Contains(err.Error(), "WRONGPASS") || strings.Contains(err.Error(), "NOAUTH")):
		return say("rifiuta la password", "it refuses the password")
	}
	return oneLine(fmt.Sprint(err))
}

// at names the address that was dialled, if the error knows it.
func at(err error) string {
	var op *net.OpError
	if errors.As(err, &op) && op.Addr != nil {
		return ", " + op.Addr.String()
	}
	return ""
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
