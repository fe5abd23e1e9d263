/** What is shown of several features at once. It may look at all of them; none may look at it. */
package io.resticfleet.server.overview;
