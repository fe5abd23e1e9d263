/** Trust in a server by the SHA-256 of its public key, where no authority vouches for its certificate. */
package io.resticfleet.pin;
