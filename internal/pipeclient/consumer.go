package pipeclient

import "easycli/internal/resp"

// request is an entry of the FIFO: it is there before any of its bytes can leave.
type request struct {
	k       Consumer
	replies int
	size    int
	start   int64 // offset of its first byte in the stream of requests
	confirm bool
}

// Consumer takes the replies of one request.
type Consumer interface {
	// Consume takes the next of the request's replies off src, exactly that. It runs on the
	// connection's receiver, in the order of the stream: it must not wait for another reply of the
	// same connection, nor close it ([Conn.Abort] is fine). An error ends the connection. After the
	// confirmation of a RESP2 subscription it sets src.Subscribed.
	Consume(src *resp.Reader) error
	// Lost is called instead, once, for the replies that will not come. It must not block.
	Lost(err *LostError, replies int)
}

// Confirmer is a Consumer whose replies are the confirmations of a subscription, which RESP3 sends
// as pushes: one for each channel. A reply of any other form, such as an error, is the only answer
// to the request, however many it was registered with.
type Confirmer interface {
	Consumer
	// Confirms reports whether such pushes are this request's replies.
	Confirms() bool
}
