"""Every way in which an exchange can fail, with its owner and a sentence that says what to do."""

from __future__ import annotations

import socket
import ssl

from conformance.model import Failure, FaultOwner, say

_SUBJECT, _NETWORK = FaultOwner.SUBJECT, FaultOwner.NETWORK
_CONFIGURATION, _SUITE = FaultOwner.CONFIGURATION, FaultOwner.SUITE

# OpenSSL verification errors (openssl-verification-options(1)), by X509_V_ERR number.
_CERTIFICATE_EXPIRED, _SELF_SIGNED, _SELF_SIGNED_IN_CHAIN = 10, 18, 19
_NO_ISSUER, _NO_FIRST, _WRONG_HOST, _WRONG_ADDRESS = 20, 21, 62, 64


def timeout(seconds: float) -> Failure:
    """No complete answer within a deadline."""
    return Failure(
        "timeout",
        _NETWORK,
        say(
            "Innerhalb von {seconds:g} s kam keine vollständige Antwort. Prüfen, ob die Plattform läuft; "
            "ist sie nur langsam, die Zeitgrenzen unter limits in der Prüfgegenstands-Datei erhöhen.",
            "No complete answer arrived within {seconds:g} s. Check that the platform is up; if it is merely "
            "slow, raise the timeouts under limits in the subject file.",
            seconds=seconds,
        ),
    )


def refused(place: str) -> Failure:
    """Nothing listens there."""
    return Failure(
        "refused",
        _NETWORK,
        say(
            "{place} nimmt keine Verbindung an. Prüfen, ob Adresse und Port stimmen und die Plattform läuft.",
            "{place} accepts no connection. Check address and port and that the platform is up.",
            place=place,
        ),
    )


def reset(place: str) -> Failure:
    """The connection was torn down before the answer was complete."""
    return Failure(
        "reset",
        _NETWORK,
        say(
            "{place} hat die Verbindung abgebrochen, auch beim zweiten Versuch. Protokoll der Plattform und "
            "zwischengeschaltete Firewalls oder Proxys prüfen.",
            "{place} tore down the connection, also on the second attempt. Look into the log of the platform "
            "and at firewalls or proxies in between.",
            place=place,
        ),
    )


def dns(host: str) -> Failure:
    """The name has no address."""
    return Failure(
        "dns",
        _NETWORK,
        say(
            "Der Name {host} lässt sich nicht auflösen. Schreibweise und DNS prüfen.",
            "The name {host} does not resolve. Check the spelling and DNS.",
            host=host,
        ),
    )


def truncated() -> Failure:
    """Fewer bytes than announced, or a compressed body without its end."""
    return Failure(
        "truncated",
        _NETWORK,
        say(
            "Die Antwort ist kürzer als angekündigt; sie wird nicht gewertet. Lauf wiederholen; bleibt es "
            "dabei, zwischengeschaltete Proxys und das Protokoll der Plattform prüfen.",
            "The answer is shorter than announced and is not judged. Run again; if it stays like this, look "
            "at proxies in between and into the log of the platform.",
        ),
    )


def protocol(problem: object) -> Failure:
    """The answer is not HTTP (RFC 9112)."""
    return Failure(
        "protocol",
        _SUBJECT,
        say(
            "Die Antwort ist kein gültiges HTTP: {problem}. Prüfen, ob die Adresse zu einem Webserver führt "
            "und ob http/https verwechselt ist.",
            "The answer is not valid HTTP: {problem}. Check that the address leads to a web server and that "
            "http and https are not mixed up.",
            problem=problem,
        ),
    )


def encoding(name: str) -> Failure:
    """The body cannot be decoded as its Content-Encoding says."""
    return Failure(
        "encoding",
        _SUBJECT,
        say(
            "Der Inhalt lässt sich nicht gemäß Content-Encoding „{name}“ entpacken (angeboten waren gzip und "
            "deflate). Die Plattform muss Accept-Encoding beachten und gültig komprimieren.",
            'The content cannot be decoded as Content-Encoding "{name}" says (gzip and deflate were offered). '
            "The platform must heed Accept-Encoding and compress validly.",
            name=name,
        ),
    )


def too_large(limit: int) -> Failure:
    """The decoded body is larger than allowed."""
    return Failure(
        "too-large",
        _CONFIGURATION,
        say(
            "Der entpackte Inhalt ist größer als {limit} Bytes. Ist das gewollt, limits.body_bytes in der "
            "Prüfgegenstands-Datei erhöhen.",
            "The decoded content is larger than {limit} bytes. If that is intended, raise limits.body_bytes "
            "in the subject file.",
            limit=limit,
        ),
    )


def budget(limit: int) -> Failure:
    """The run may send no more requests."""
    return Failure(
        "budget",
        _CONFIGURATION,
        say(
            "Das Anfragebudget von {limit} Anfragen ist verbraucht. limits.budget in der "
            "Prüfgegenstands-Datei erhöhen oder weniger Datensammlungen prüfen.",
            "The budget of {limit} requests is used up. Raise limits.budget in the subject file or test "
            "fewer collections.",
            limit=limit,
        ),
    )


def run_bytes(limit: int) -> Failure:
    """The run may receive no more bytes."""
    return Failure(
        "run-bytes",
        _CONFIGURATION,
        say(
            "Der Lauf hat {limit} Bytes empfangen, mehr ist nicht erlaubt. limits.run_bytes in der "
            "Prüfgegenstands-Datei erhöhen oder weniger Datensammlungen prüfen.",
            "The run has received {limit} bytes and may receive no more. Raise limits.run_bytes in the "
            "subject file or test fewer collections.",
            limit=limit,
        ),
    )


def run_time(limit: float) -> Failure:
    """The run may take no longer."""
    return Failure(
        "run-time",
        _CONFIGURATION,
        say(
            "Der Lauf hat seine {limit:g} s verbraucht. limits.run_seconds in der Prüfgegenstands-Datei "
            "erhöhen.",
            "The run has used its {limit:g} s. Raise limits.run_seconds in the subject file.",
            limit=limit,
        ),
    )


def write_refused(method: str) -> Failure:
    """A writing method without permission; nothing was sent."""
    return Failure(
        "write-refused",
        _CONFIGURATION,
        say(
            "{method} wurde nicht gesendet: Ohne --allow-write und sandbox: true in der "
            "Prüfgegenstands-Datei wird nur gelesen (GET, HEAD). Nur für eine Testumgebung erlauben.",
            "{method} was not sent: without --allow-write and sandbox: true in the subject file the suite "
            "only reads (GET, HEAD). Allow it for a test environment only.",
            method=method,
        ),
    )


def not_recorded() -> Failure:
    """The evidence has no answer to this request."""
    return Failure(
        "not-recorded",
        _SUITE,
        say(
            "Diese Anfrage ist in den Belegen nicht aufgezeichnet. Die Belege stammen von einer anderen "
            "Fassung der Prüfungen oder sind unvollständig; den Lauf gegen die Plattform wiederholen.",
            "The evidence holds no answer to this request. It was recorded by another version of the checks "
            "or is incomplete; run against the platform again.",
        ),
    )


def not_in_dump() -> Failure:
    """Judged from files, and these do not say."""
    return Failure(
        "not-in-dump",
        _CONFIGURATION,
        say(
            "Geprüft werden Dateien statt einer laufenden Plattform; diese Antwort ist nicht dabei.",
            "Files are judged instead of a running platform; this answer is not among them.",
        ),
    )


def placeholder_unknown() -> Failure:
    """A redacted link from an earlier run; its secret is gone."""
    return Failure(
        "placeholder",
        _CONFIGURATION,
        say(
            "Der Verweis stammt aus einem früheren Lauf und enthielt ein Geheimnis, das nicht gespeichert "
            "wird. Den Lauf neu beginnen, statt ihn fortzusetzen.",
            "The link comes from an earlier run and held a secret, which is not stored. Start the run anew "
            "instead of resuming it.",
        ),
    )


def address_forbidden(host: str, address: str) -> Failure:
    """The guard refused an address (SSRF)."""
    return Failure(
        "forbidden-address",
        _CONFIGURATION,
        say(
            "{host} führt zu {address}, einer privaten oder besonderen Adresse; es wurde nichts gesendet. "
            "Gehört sie zum Prüfgegenstand, allow_private: true in seine Datei schreiben.",
            "{host} leads to {address}, a private or special address; nothing was sent. If it belongs to the "
            "subject, write allow_private: true into its file.",
            host=host,
            address=address,
        ),
    )


def bad_url(url: str) -> Failure:
    """No URL that can be asked for over HTTP."""
    return Failure(
        "bad-url",
        _SUBJECT,
        say(
            "„{url}“ ist keine Adresse, die sich mit http oder https (ohne Zugangsdaten darin) abrufen "
            "lässt. Steht sie in der Prüfgegenstands-Datei, dort berichtigen; sonst muss die Plattform den "
            "Verweis berichtigen.",
            '"{url}" is no address that can be fetched with http or https (without credentials in it). If it '
            "stands in the subject file, correct it there; otherwise the platform has to correct the link.",
            url=url,
        ),
    )


def interrupted() -> Failure:
    """The run was interrupted before this request left."""
    return Failure(
        "interrupted",
        _CONFIGURATION,
        say(
            "Der Lauf wurde abgebrochen, bevor diese Anfrage gestellt wurde. Mit „conformance run --resume“ "
            "fortsetzen.",
            "The run was interrupted before this request was sent. Continue with `conformance run --resume`.",
        ),
    )


def crash(error: BaseException) -> Failure:
    """An application that is called in process raised an exception."""
    return Failure(
        "crash",
        _SUITE,
        say(
            "Die Anwendung im selben Prozess ist abgestürzt: {kind}: {error}. Das ist ein Fehler dort, nicht "
            "an der Leitung.",
            "The application in this process crashed: {kind}: {error}. The fault is there, not on the wire.",
            kind=type(error).__name__,
            error=error,
        ),
    )


def network(error: BaseException) -> Failure:
    """Any other trouble on the way."""
    return Failure(
        "network",
        _NETWORK,
        say(
            "Die Verbindung ist gescheitert: {error}. Netz, Firewall und Adresse prüfen.",
            "The connection failed: {error}. Check network, firewall and address.",
            error=f"{type(error).__name__}: {error}",
        ),
    )


def injected(kind: str) -> Failure:
    """A failure that a mutant puts in place of an answer."""
    return Failure(
        kind,
        _NETWORK,
        say(
            "Netzstörung „{kind}“, von einer Fehlermutante eingesetzt.",
            'Network trouble "{kind}", put in by a mutant.',
            kind=kind,
        ),
    )


def connecting(error: OSError, place: str, seconds: float) -> Failure:
    """What an operating system error while connecting, sending or reading means."""
    if isinstance(error, ssl.SSLEOFError):
        return reset(place)
    if isinstance(error, ssl.SSLError):
        return tls(error, place)
    if isinstance(error, TimeoutError):
        return timeout(seconds)
    if isinstance(error, ConnectionRefusedError):
        return refused(place)
    if isinstance(error, ConnectionError):
        return reset(place)
    if isinstance(error, socket.gaierror):
        return dns(place)
    return network(error)


def tls(error: ssl.SSLError, place: str) -> Failure:
    """TLS could not be established; the hint follows the OpenSSL verification error."""
    number = getattr(error, "verify_code", None)
    if number in (_NO_ISSUER, _NO_FIRST):
        return _tls(
            place,
            "Die Zertifikatskette ist unvollständig: meist sendet der Server das Zwischenzertifikat nicht. "
            "Der Betreiber muss die ganze Kette einspielen; bei einer hauseigenen CA ca_file angeben.",
            "The certificate chain is incomplete: most often the server does not send the intermediate "
            "certificate. The operator must install the whole chain; for an in-house CA give ca_file.",
        )
    if number in (_SELF_SIGNED, _SELF_SIGNED_IN_CHAIN):
        return _tls(
            place,
            "Das Zertifikat ist selbst signiert oder von einer unbekannten CA. Der Betreiber braucht ein "
            "öffentlich vertrautes Zertifikat; für Testsysteme die CA mit ca_file angeben.",
            "The certificate is self-signed or from an unknown CA. The operator needs a publicly trusted "
            "certificate; for test systems give the CA with ca_file.",
        )
    if number == _CERTIFICATE_EXPIRED:
        return _tls(
            place,
            "Das Zertifikat ist abgelaufen. Der Betreiber muss es erneuern.",
            "The certificate has expired. The operator must renew it.",
        )
    if number in (_WRONG_HOST, _WRONG_ADDRESS):
        return _tls(
            place,
            "Das Zertifikat gilt nicht für diesen Namen. Adresse prüfen oder Zertifikat ergänzen.",
            "The certificate is not valid for this name. Check the address or add the name to the "
            "certificate.",
        )
    reason = str(getattr(error, "reason", None) or error)
    return _tls(
        place,
        f"Der TLS-Aufbau ist gescheitert ({reason}). Prüfen, ob der Port TLS 1.2 oder neuer spricht.",
        f"The TLS handshake failed ({reason}). Check that the port speaks TLS 1.2 or newer.",
    )


def _tls(place: str, de: str, en: str) -> Failure:
    return Failure("tls", _NETWORK, say("{place}: {said}", "{place}: {said}", place=place, said=say(de, en)))
