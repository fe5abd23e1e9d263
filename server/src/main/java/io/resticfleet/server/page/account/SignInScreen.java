package io.resticfleet.server.page.account;

import io.resticfleet.server.page.frame.Frame;
import java.util.Map;

/**
 * Sign-in, or creation of the first user.
 *
 * @param next path on this server to go to afterwards
 * @param username as typed
 * @param wrong error messages by field; {@code form} for the whole form
 */
record SignInScreen(Frame frame, String next, String username, Map<String, String> wrong) {}
