/** How a machine joins: a token, used once, that carries what the machine needs to open its repository. */
package io.resticfleet.server.enrollment;
