package io.resticfleet.server.page.account;

import io.resticfleet.server.page.frame.Frame;
import java.util.Map;

/**
 * Signing in, or making the first user.
 *
 * @param next where to go from there; a path of this site
 * @param username as typed
 * @param wrong by field: what is wrong with it; {@code form} for the whole
 */
record SignInScreen(Frame frame, String next, String username, Map<String, String> wrong) {}
