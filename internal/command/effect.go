package command

// Effect is what a command does to its connection, when it succeeds.
type Effect uint8

// The effects. The zero Effect is none: the command leaves the connection as it was.
const (
	None           Effect = iota
	Select                // another database
	Auth                  // another user
	Hello                 // another protocol, and with AUTH and SETNAME also what those do
	Multi                 // a transaction begins
	Exec                  // a transaction is executed
	Discard               // a transaction is dropped
	Watch                 // keys are watched for the next transaction
	Unwatch               // and no longer
	Reset                 // the connection becomes as good as new
	Quit                  // the server closes the connection after its reply
	Shutdown              // the server ends; success is the end of the stream, a reply is an error
	Subscribe             // to channels; one confirmation for each
	PSubscribe            // to patterns
	SSubscribe            // to shard channels
	Unsubscribe           // one confirmation for each channel named, or for each subscribed to
	PUnsubscribe          // from patterns
	SUnsubscribe          // from shard channels
	Monitor               // OK, then a line for every command on the server, for ever
	Sync                  // the connection becomes a replication stream, which is no RESP
	ReplyMode             // CLIENT REPLY with a word that is unknown, or not looked at
	ReplyOn               // replies come again, beginning with this one
	ReplyOff              // no replies from here on, not for this one either
	ReplySkip             // no reply, nor for the next command
	ClientName            // CLIENT SETNAME
	Asking                // the next command may use a slot that is being imported
	ReadOnlyMode          // a replica in a cluster answers reads
	ReadWriteMode         // and no longer
	ScriptDebug           // the next EVAL is a debugging session
	ScriptDebugOff        // and is none again
	Tracking              // invalidation messages on or off
	Caching               // whether the next command's keys are tracked
	NoEvict               // CLIENT NO-EVICT
	NoTouch               // CLIENT NO-TOUCH
	FieldSet              // HIMPORT: sets of field names that the connection keeps
)

// Subscribes reports whether a command of that effect subscribes to channels: its replies are followed by
// messages.
func (e Effect) Subscribes() bool { return e == Subscribe || e == PSubscribe || e == SSubscribe }

// Document is what kind of text a verbatim reply is, for who wants to show it as more than text.
type Document uint8

// The documents. The zero Document is none.
const (
	Data         Document = iota // the reply is a value, not a text
	PlainText                    // prose or a drawing
	InfoText                     // # Section headers and name:value lines
	ClientList                   // one client a line, name=value separated by blanks
	ClientInfo                   // one such line
	ClusterNodes                 // one node a line, fields separated by blanks
	ClusterInfo                  // name:value lines
)
