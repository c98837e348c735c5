package hook_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"arengo/notify/bounce"
	"arengo/notify/bounce/hook"
)

func returns(t testing.TB) *bounce.Return {
	t.Helper()
	r, err := bounce.NewReturn("bounce@example.org", "a key of this test")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

const ada = "ada@example.net"

func TestRead(t *testing.T) {
	t.Parallel()
	r := returns(t)
	own := r.Address(7, 42)
	// wrapped is a message of SNS around news of SES.
	wrapped := func(news string) string {
		text, err := json.Marshal(map[string]string{"Type": "Notification", "MessageId": "x", "Message": news})
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	about := func(b bounce.Report) bounce.Report { b.ProcessID, b.DeliveryID = 7, 42; return b }
	ignored := bounce.Report{Kind: bounce.Ignored}
	for name, tt := range map[string]struct {
		form, body string
		want       []bounce.Report
	}{
		"one of ours": {
			"", `{"event":"bounce","permanent":true,"message_id":"<m1@example.org>","recipient":"Ada@example.net","status":"5.1.1","code":550,"diagnostic":"user unknown","at":"2026-11-24T10:00:00Z"}`,
			[]bounce.Report{{Kind: bounce.Permanent, MessageID: "m1@example.org", Recipient: ada, Status: "5.1.1", Code: 550, Diagnostic: "user unknown", Gone: true}},
		},
		"a list of ours": {
			"", `[{"event":"delivered","recipient":"ada@example.net"},{"event":"deferred","sender":"` + own + `"},{"event":"complaint","recipient":"ada@example.net"},
			 {"event":"bounce","permanent":false,"recipient":"ada@example.net","diagnostic":"552 5.2.2 full"},{"event":"bounce","permanent":true,"recipient":"ada@example.net"},
			 {"event":"bounce","permanent":true,"recipient":"ada@example.net","diagnostic":"550 5.7.1 spam"},{"event":"opened"}]`,
			[]bounce.Report{
				{Kind: bounce.Ignored, Recipient: ada},
				about(bounce.Report{Kind: bounce.Temporary}),
				{Kind: bounce.Complaint, Recipient: ada},
				{Kind: bounce.Permanent, Recipient: ada, Status: "5.2.2", Code: 552, Diagnostic: "552 5.2.2 full"},
				{Kind: bounce.Permanent, Recipient: ada, Gone: true},
				{Kind: bounce.Permanent, Recipient: ada, Status: "5.7.1", Code: 550, Diagnostic: "550 5.7.1 spam"},
				ignored,
			},
		},
		"mailgun, permanent": {
			"mailgun", `{"signature":{"timestamp":"1","token":"t","signature":"s"},"event-data":{"event":"failed","severity":"permanent","reason":"bounce",
			 "recipient":"ada@example.net","envelope":{"sender":"` + strings.ToUpper(own) + `","transport":"smtp"},
			 "delivery-status":{"code":550,"message":"5.1.1 The email account does not exist","description":"","attempt-no":1},
			 "message":{"headers":{"message-id":"m1@example.org","to":"ada@example.net"}}}}`,
			[]bounce.Report{about(bounce.Report{
				Kind: bounce.Permanent, MessageID: "m1@example.org", Recipient: ada, Status: "5.1.1", Code: 550, Diagnostic: "5.1.1 The email account does not exist", Gone: true,
			})},
		},
		"mailgun, suppressed there": {
			"mailgun", `{"event-data":{"event":"failed","severity":"permanent","reason":"suppress-bounce","recipient":"ada@example.net","delivery-status":{"code":605,"message":"Not delivering to previously bounced address"}}}`,
			[]bounce.Report{{Kind: bounce.Permanent, Recipient: ada, Diagnostic: "Not delivering to previously bounced address", Gone: true}},
		},
		"mailgun, temporary": {
			"mailgun", `{"event-data":{"event":"failed","severity":"temporary","recipient":"ada@example.net","delivery-status":{"code":452}}}`,
			[]bounce.Report{{Kind: bounce.Temporary, Recipient: ada, Code: 452}},
		},
		"mailgun, complaint": {
			"mailgun", `{"event-data":{"event":"complained","recipient":"ada@example.net"}}`, []bounce.Report{{Kind: bounce.Complaint, Recipient: ada}},
		},
		"mailgun, opened": {"mailgun", `{"event-data":{"event":"opened"}}`, []bounce.Report{ignored}},
		"postmark, hard": {
			"postmark", `{"RecordType":"Bounce","ID":42,"Type":"HardBounce","TypeCode":1,"MessageID":"883953f4","Email":"ada@example.net","Details":"smtp;550 5.1.1 The email account does not exist","BouncedAt":"2026-11-05T16:33:54Z","Inactive":true}`,
			[]bounce.Report{{Kind: bounce.Permanent, Recipient: ada, Status: "5.1.1", Code: 550, Diagnostic: "smtp;550 5.1.1 The email account does not exist", Gone: true}},
		},
		"postmark, away":      {"postmark", `{"RecordType":"Bounce","Type":"AutoResponder","Email":"ada@example.net"}`, []bounce.Report{{Kind: bounce.Ignored, Recipient: ada}}},
		"postmark, late":      {"postmark", `{"RecordType":"Bounce","Type":"Transient","Email":"ada@example.net"}`, []bounce.Report{{Kind: bounce.Temporary, Recipient: ada}}},
		"postmark, complaint": {"postmark", `{"RecordType":"SpamComplaint","Type":"SpamComplaint","Email":"ada@example.net"}`, []bounce.Report{{Kind: bounce.Complaint, Recipient: ada}}},
		"postmark, delivered": {"postmark", `{"RecordType":"Delivery","Email":"ada@example.net"}`, []bounce.Report{{Kind: bounce.Ignored, Recipient: ada}}},
		"brevo, hard": {
			"brevo", `{"event":"hard_bounce","email":"ada@example.net","id":1,"date":"2026-11-24 10:00:00","message-id":"<m1@example.org>","reason":"550 5.1.1 unknown"}`,
			[]bounce.Report{{Kind: bounce.Permanent, MessageID: "m1@example.org", Recipient: ada, Status: "5.1.1", Code: 550, Diagnostic: "550 5.1.1 unknown", Gone: true}},
		},
		"brevo, spam": {"brevo", `{"event":"spam","email":"ada@example.net"}`, []bounce.Report{{Kind: bounce.Complaint, Recipient: ada}}},
		"ses, permanent": {
			"ses", wrapped(`{"notificationType":"Bounce","bounce":{"bounceType":"Permanent","bounceSubType":"General","bouncedRecipients":[
			 {"emailAddress":"ada@example.net","status":"5.1.1","action":"failed","diagnosticCode":"smtp; 550 5.1.1 unknown"},{"emailAddress":"eva@example.net"}]},
			 "mail":{"source":"` + own + `","messageId":"0100","commonHeaders":{"messageId":"<m1@example.org>"}}}`),
			[]bounce.Report{
				about(bounce.Report{Kind: bounce.Permanent, MessageID: "m1@example.org", Recipient: ada, Status: "5.1.1", Code: 550, Diagnostic: "550 5.1.1 unknown", Gone: true}),
				about(bounce.Report{Kind: bounce.Permanent, MessageID: "m1@example.org", Recipient: "eva@example.net", Diagnostic: "Permanent General", Gone: true}),
			},
		},
		"ses, transient, raw": {
			"ses", `{"eventType":"Bounce","bounce":{"bounceType":"Transient","bounceSubType":"MailboxFull","bouncedRecipients":[{"emailAddress":"ada@example.net"}]},"mail":{"source":"x@example.org"}}`,
			[]bounce.Report{{Kind: bounce.Permanent, Recipient: ada, Diagnostic: "Transient MailboxFull"}},
		},
		"ses, complaint": {
			"ses", wrapped(`{"notificationType":"Complaint","complaint":{"complainedRecipients":[{"emailAddress":"ada@example.net"}],"complaintFeedbackType":"abuse"},"mail":{}}`),
			[]bounce.Report{{Kind: bounce.Complaint, Recipient: ada, Diagnostic: "abuse"}},
		},
		"ses, no spam after all": {
			"ses", wrapped(`{"notificationType":"Complaint","complaint":{"complainedRecipients":[{"emailAddress":"ada@example.net"}],"complaintFeedbackType":"not-spam"}}`),
			[]bounce.Report{{Kind: bounce.Ignored, Recipient: ada, Diagnostic: "not-spam"}},
		},
		"ses, late": {
			"ses", wrapped(`{"eventType":"DeliveryDelay","deliveryDelay":{"delayType":"MailboxFull","delayedRecipients":[{"emailAddress":"ada@example.net","status":"4.2.2","diagnosticCode":"smtp; 452 4.2.2 full"}]}}`),
			[]bounce.Report{{Kind: bounce.Temporary, Recipient: ada, Status: "4.2.2", Code: 452, Diagnostic: "452 4.2.2 full"}},
		},
		"ses, delivered": {"ses", wrapped(`{"notificationType":"Delivery","delivery":{}}`), []bounce.Report{ignored}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := hook.Read(tt.form, r, []byte(tt.body))
			if err != nil || got.Confirm != "" || len(got.Reports) != len(tt.want) {
				t.Fatalf("%+v, %v", got, err)
			}
			for i := range got.Reports {
				if got.Reports[i] != tt.want[i] {
					t.Errorf("report %d is\n%+v, want\n%+v", i, got.Reports[i], tt.want[i])
				}
			}
		})
	}
}

func TestReadConfirmation(t *testing.T) {
	t.Parallel()
	told, err := hook.Read("ses", nil, []byte(`{"Type":"SubscriptionConfirmation","SubscribeURL":"https://sns.eu-south-1.amazonaws.com/?Action=ConfirmSubscription&Token=x"}`))
	if err != nil || told.Confirm != "https://sns.eu-south-1.amazonaws.com/?Action=ConfirmSubscription&Token=x" || len(told.Reports) != 0 {
		t.Errorf("%+v, %v", told, err)
	}
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string][2]string{
		"an unknown form": {"nobody", "{}"}, "no JSON": {"", "event=bounce"}, "nothing": {"", ""}, "another type": {"", `{"event":7}`},
		"too many": {"", "[" + strings.Repeat(`{"event":"bounce"},`, hook.MaxEvents) + `{}]`}, "another's address to confirm": {"ses", `{"Type":"SubscriptionConfirmation","SubscribeURL":"https://amazonaws.com.example/x"}`},
		"news that are none": {"ses", `{"Type":"Notification","Message":"hello"}`},
	} {
		if told, err := hook.Read(tt[0], nil, []byte(tt[1])); !errors.Is(err, hook.ErrForm) {
			t.Errorf("%s: %+v, %v", name, told, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("", []byte(`[{"event":"bounce"}]`))
	f.Add("ses", []byte(`{"Type":"Notification","Message":"{}"}`))
	r := returns(f)
	f.Fuzz(func(t *testing.T, form string, body []byte) {
		told, err := hook.Read(form, r, body)
		if err != nil && len(told.Reports) > 0 {
			t.Errorf("%+v beside %v", told, err)
		}
		for _, one := range told.Reports {
			if one.Gone && one.Kind != bounce.Permanent || len(one.Diagnostic) > 500 {
				t.Errorf("%+v", one)
			}
		}
	})
}
