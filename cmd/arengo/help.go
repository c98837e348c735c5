package main

import (
	"fmt"
	"io"
)

// descriptions say what each command does, in the order of their use.
var descriptions = []struct{ name, it, en string }{
	{"serve", "risponde alle pagine; senza ARENGO_DATABASE_URL accende anche server privati e dimostrazione", "answers pages; without ARENGO_DATABASE_URL it brings private servers and a demonstration"},
	{"work", "fa scattare le scadenze e spedisce i messaggi", "fires deadlines and delivers messages"},
	{"migrate", "aggiorna lo schema del database: up, down N, status", "brings the database's schema up to date: up, down N, status"},
	{"seed", "carica la dimostrazione; una seconda volta non cambia nulla", "loads the demonstration; a second time changes nothing"},
	{"doctor", "controlla database, Redis, posta, orologio e disco e dice che cosa fare", "checks database, Redis, mail, clock and disk and says what to do"},
	{"workflow", "controlla le definizioni dei percorsi: check FILE…", "checks definitions of processes: check FILE…"},
	{"mailbox", "accende una casella di prova che non spedisce nulla", "runs a test mailbox that sends nothing on"},
	{"services", "esegue un comando accanto a server privati e temporanei", "runs a command beside private, temporary servers"},
}

// help prints a line for each command.
func help(w io.Writer, lang tongue) {
	fmt.Fprintf(w, "%s arengo %s\n\n", lang.say("uso:", "usage:"), lang.say("COMANDO [ARGOMENTO …]", "COMMAND [ARGUMENT …]"))
	for _, d := range descriptions {
		fmt.Fprintf(w, "  %-9s %s\n", d.name, lang.say(d.it, d.en))
	}
}
