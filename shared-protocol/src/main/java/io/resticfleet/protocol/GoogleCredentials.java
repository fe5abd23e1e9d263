package io.resticfleet.protocol;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.util.List;
import java.util.Set;

/**
 * The credentials of Google Cloud Storage, as the text of the file that Google gives. Other types than these two may name
 * files, programs or URLs to fetch a token from, which Google's library would read, run or call.
 *
 * @see <a href="https://cloud.google.com/docs/authentication/client-libraries#external-credentials">Google: validate
 *     credential configurations from external sources</a>
 */
final class GoogleCredentials {

    private static final Set<String> TYPES = Set.of("service_account", "authorized_user");

    private static final List<String> SECRETS = List.of("private_key", "client_secret", "refresh_token");

    private GoogleCredentials() {}

    /**
     * The text on one line.
     *
     * @throws IllegalArgumentException with a reason that does not repeat it, if it cannot be used
     */
    static String checked(String text) {
        var json = read(text);
        if (!TYPES.contains(json.path("type").asText())) {
            throw new IllegalArgumentException(
                    "the credentials of a gs repository must be of the type service_account or authorized_user");
        }
        var tokens = json.path("token_uri");
        if (!tokens.isMissingNode() && !isGoogle(tokens.asText())) {
            throw new IllegalArgumentException("token_uri in the credentials of a gs repository must be Google's");
        }
        return json.toString();
    }

    /** The parts of a checked text that must never be shown. */
    static List<String> secrets(String text) {
        var json = read(text);
        return SECRETS.stream()
                .map(name -> json.path(name).asText())
                .filter(secret -> !secret.isEmpty())
                .toList();
    }

    private static JsonNode read(String text) {
        try {
            var json = Json.STRICT.readTree(text);
            if (json.isObject()) {
                return json;
            }
        } catch (JsonProcessingException e) {
            // as what is no object; not the cause, which repeats the text
        }
        throw new IllegalArgumentException(
                "the credentials of a gs repository are the text of the JSON file that Google gives, not its path");
    }

    private static boolean isGoogle(String url) {
        try {
            var uri = URI.create(url);
            return "https".equals(uri.getScheme())
                    && uri.getHost() != null
                    && ("." + uri.getHost()).matches(".*\\.(googleapis|google)\\.com");
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
