package dev.workerfarm.worker.download;

import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;

/** Which URLs are fetched, and how they are shown. User info is cut off on the way in, so that nothing can leak it. */
final class Urls {
    static final int MAX_LENGTH = 8192;
    private static final int MAX_SHOWN = 300;
    private static final String UNPRINTABLE = "[\\p{Cntrl}\\p{Cf}\\p{Cs}]";

    private Urls() {}

    /** @throws DownloadException if it is no http or https URL, or longer than 8192 characters */
    static HttpUrl parse(String text) throws DownloadException {
        requireLength(text);
        HttpUrl url = HttpUrl.parse(text);
        if (url == null) {
            // What cannot be parsed can have credentials anywhere: it is shown only where it has none.
            throw new DownloadException("not an http or https URL"
                    + (text.indexOf('@') < 0 ? ": " + cut(text.replaceAll(UNPRINTABLE, "?")) : ""));
        }
        return withoutUserInfo(url);
    }

    /** Where a redirect leads; not to what is no http or https URL, too long, or plain http after https. */
    static HttpUrl redirect(HttpUrl from, String location) throws DownloadException {
        requireLength(location);
        @Nullable HttpUrl to = from.resolve(location);
        if (to == null) {
            throw new DownloadException("refused: " + shown(from) + " redirects to no http or https URL");
        }
        if (from.isHttps() && !to.isHttps()) {
            throw new DownloadException("refused: " + shown(from) + " redirects from https to plain http");
        }
        return withoutUserInfo(to);
    }

    static String shown(HttpUrl url) {
        return cut(url.toString());
    }

    private static HttpUrl withoutUserInfo(HttpUrl url) {
        return url.newBuilder().username("").password("").build();
    }

    private static void requireLength(String text) throws DownloadException {
        if (text.length() > MAX_LENGTH) {
            throw new DownloadException("URL longer than " + MAX_LENGTH + " characters");
        }
    }

    private static String cut(String text) {
        return text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN) + "…";
    }
}
