/** Daily and weekly digests: what they contain, and when they are due. */
package io.resticfleet.server.digest;
