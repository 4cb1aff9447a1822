package dev.workerfarm.config;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SignatureException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Whom TLS connections trust, and as whom they present themselves, from three variables, each the path of a PEM file.
 * {@value #CA} has the certificates of the authorities to trust, these alone; without it Java's own trust store counts.
 * {@value #CERTIFICATE} (with its chain) and {@value #KEY} (PKCS#8, not encrypted) are for servers that ask.
 */
public final class TlsSettings {
    public static final String CA = "FARM_TLS_CA";
    public static final String CERTIFICATE = "FARM_TLS_CERT";
    public static final String KEY = "FARM_TLS_KEY";
    /** Java's own trust store and no certificate of ours. */
    public static final TlsSettings DEFAULT = new TlsSettings(List.of(), List.of(), null);

    private static final Pattern KEY_BLOCK =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");

    private final List<X509Certificate> authorities;
    private final List<X509Certificate> chain;
    private final @Nullable PrivateKey key;

    private TlsSettings(List<X509Certificate> authorities, List<X509Certificate> chain, @Nullable PrivateKey key) {
        this.authorities = authorities;
        this.chain = chain;
        this.key = key;
    }

    /** Reads the variables and the files that they name; an error names the variable and what is wrong with it. */
    public static TlsSettings from(Map<String, String> environment) {
        var ca = environment.getOrDefault(CA, "");
        var certificate = environment.getOrDefault(CERTIFICATE, "");
        var key = environment.getOrDefault(KEY, "");
        if (certificate.isBlank() != key.isBlank()) {
            throw new IllegalArgumentException(
                    "of " + CERTIFICATE + " and " + KEY + " only one is set: a client certificate takes both");
        }
        if (ca.isBlank() && key.isBlank()) {
            return DEFAULT;
        }
        return new TlsSettings(
                ca.isBlank() ? List.of() : certificates(CA, ca),
                certificate.isBlank() ? List.of() : certificates(CERTIFICATE, certificate),
                key.isBlank() ? null : privateKey(KEY + ": " + key, Variables.text(KEY, key)));
    }

    /** The first private key of a PEM file. Throws IllegalArgumentException if there is none, without its text. */
    static PrivateKey privateKey(String subject, String pem) {
        var block = KEY_BLOCK.matcher(pem);
        if (block.find()) {
            for (var algorithm : List.of("RSA", "EC", "Ed25519")) {
                try {
                    var encoded = Base64.getMimeDecoder().decode(block.group(1));
                    return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded));
                } catch (GeneralSecurityException | IllegalArgumentException e) {
                    // A key of another algorithm, which nothing outside it says, or a damaged one.
                }
            }
        }
        throw new IllegalArgumentException(subject + " holds no RSA or EC key of the form -----BEGIN PRIVATE KEY-----;"
                + " openssl pkcs8 -topk8 -nocrypt -in KEY makes it from another form");
    }

    public boolean hasClientCertificate() {
        return key != null;
    }

    /** A context for clients; each call makes another. */
    public SSLContext context() {
        try {
            if (authorities.isEmpty() && key == null) {
                return SSLContext.getDefault();
            }
            var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            var trusted = emptyStore();
            for (var authority : authorities) {
                trusted.setCertificateEntry("ca-" + trusted.size(), authority);
            }
            trust.init(authorities.isEmpty() ? null : trusted);
            var presented = emptyStore();
            if (key != null) {
                presented.setKeyEntry("client", key, new char[0], chain.toArray(new Certificate[0]));
            }
            var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(presented, new char[0]);
            var context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("this Java has no TLS, or none for the certificates: " + e.getMessage(), e);
        }
    }

    private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static List<X509Certificate> certificates(String variable, String file) {
        var pem = Variables.text(variable, file);
        try {
            var found = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.UTF_8)));
            if (found.isEmpty()) {
                throw new IllegalArgumentException(variable + ": " + file + " holds no certificate");
            }
            return found.stream().map(X509Certificate.class::cast).toList();
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException(
                    variable + ": " + file + " is no PEM file of certificates (-----BEGIN CERTIFICATE-----)", e);
        }
    }

    /** The problem, to be put behind a server's name; null where the failure has nothing to do with TLS. */
    public static @Nullable String problem(Throwable failure) {
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
            return "its certificate is from an authority that is not trusted here: set " + CA
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
            return "it wants a client certificate that it trusts (" + text + "): set " + CERTIFICATE + " and " + KEY;
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
