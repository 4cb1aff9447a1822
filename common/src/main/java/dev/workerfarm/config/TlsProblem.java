package dev.workerfarm.config;

import java.security.GeneralSecurityException;
import java.security.SignatureException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/** Why a server and we did not agree on TLS, in words that say what to do. Stateless. */
public final class TlsProblem {
    private TlsProblem() {}

    /**
     * The problem, such as {@code its certificate has expired (…): renew it}; to be put behind a server's name. Returns
     * null where the failure has nothing to do with TLS.
     */
    public static @Nullable String of(Throwable failure) {
        @Nullable String problem = null;
        // From the outside in: the innermost that says something is the cause.
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            var named = named(cause);
            problem = named == null ? problem : named;
        }
        return problem;
    }

    private static @Nullable String named(Throwable cause) {
        var text = String.valueOf(cause.getMessage());
        if (cause instanceof CertificateExpiredException) {
            return "its certificate has expired (" + text + "): renew it";
        }
        if (cause instanceof CertificateNotYetValidException) {
            return "its certificate is not valid yet (" + text + "): check the clocks of both machines";
        }
        // A wrong signature: an authority of the same name, with another key.
        if (cause instanceof CertPathBuilderException || cause instanceof SignatureException) {
            return "its certificate is from an authority that is not trusted here: set " + TlsSettings.CA
                    + " to a PEM file with the authority's certificate";
        }
        if (cause instanceof CertificateException
                && (text.startsWith("No subject alternative") || text.startsWith("No name matching"))) {
            return "its certificate is for another host (" + text
                    + "): use a host name that is in the certificate, or issue one for this name";
        }
        if (!(cause instanceof SSLException) && !(cause instanceof GeneralSecurityException)) {
            return null;
        }
        // TLS 1.3 has these only after the handshake.
        if (text.contains("certificate_required") || text.contains("bad_certificate")) {
            return "it wants a client certificate that it trusts (" + text + "): set " + TlsSettings.CERTIFICATE
                    + " and " + TlsSettings.KEY;
        }
        if (text.contains("unrecognized SSL message")) {
            return "it does not speak TLS on this port: check the port, or use the URL's scheme without the s at its end";
        }
        // Any other SSLException is a connection that broke.
        return cause instanceof SSLHandshakeException || cause instanceof GeneralSecurityException
                ? "it does not agree with us on TLS 1.2 or 1.3 (" + text
                        + "): check its certificate and its TLS settings"
                : null;
    }
}
