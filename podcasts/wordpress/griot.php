<?php
/**
 * SPDX-License-Identifier: MIT
 *
 * Plugin Name: Griot
 * Description: Puts the player on articles that can be heard, an ear with the minutes on lists, and lets authors paste an address.
 * Version: 0.0.0
 * Requires at least: 5.8
 * Requires PHP: 7.2
 * License: MIT
 *
 * It asks the Griot named below which articles have sound, from this server and never from a reader's browser, and
 * keeps the answer for minutes. When Griot is away, pages are as they were: what was known stays, nothing waits.
 * There is nothing to set, and nobody is followed.
 *
 * @package Griot
 */

// Griot's studio writes a namespace, an address and a version of its own into these lines; see readme.txt.
namespace Griot_Site;

const BASE    = 'https://griot.invalid';
const VERSION = '0.0.0';

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

/** How long an answer is taken as it is; so long a new episode may need to appear. */
const FRESH_SECONDS = 300;
/** How long an answer is kept for the case that Griot is away. */
const KEPT_SECONDS = 86400;
/** How long Griot is left alone after it has not answered. */
const AWAY_SECONDS = 60;
/** How long a page waits for Griot at most, once for all its articles. */
const PATIENCE_SECONDS = 2;
/** What Griot answers at once. */
const URLS_AT_MOST = 100;
/** What an answer may weigh. */
const ANSWER_BYTES = 1048576;

const CARD_PX = 412;
const LIST_PX = 560;

add_action( 'init', __NAMESPACE__ . '\provide' );
add_filter( 'oembed_dataparse', __NAMESPACE__ . '\only_the_frame', 20, 3 );
add_filter( 'the_content', __NAMESPACE__ . '\with_player', 20 );
add_action( 'loop_start', __NAMESPACE__ . '\look_ahead' );
add_action( 'loop_end', __NAMESPACE__ . '\look_back' );
add_filter( 'the_title', __NAMESPACE__ . '\with_ear', 20, 2 );
add_action( 'wp_enqueue_scripts', __NAMESPACE__ . '\dress' );
add_filter( 'script_loader_tag', __NAMESPACE__ . '\quietly', 10, 2 );

/**
 * Makes Griot a provider that WordPress trusts: a pasted address becomes the player, without a sandbox.
 */
function provide() {
	$host = preg_replace( '#^https?://#', '', BASE );
	wp_oembed_add_provider( '#^https?://' . preg_quote( $host, '#' ) . '/(shows|playlists|embed)/.+#i', BASE . '/oembed', true );
}

/**
 * Keeps the frame alone of what Griot answers; the link beside it is for pages that cannot show frames.
 *
 * @param string|false $html What is to be shown.
 * @param object       $data What Griot answered.
 * @param string       $url  What was pasted.
 * @return string|false
 */
function only_the_frame( $html, $data, $url ) {
	if ( ! is_string( $html ) || ! is_ours( $url ) ) {
		return $html;
	}
	return preg_match( '#<iframe\s[^>]*></iframe>#', $html, $found ) ? $found[0] : $html;
}

/**
 * Puts the player before the words of an article that has sound.
 *
 * @param string $content The article.
 * @return string
 */
function with_player( $content ) {
	if ( ! is_string( $content ) || is_admin() || is_feed() || ! is_singular() || ! in_the_loop() || ! is_main_query() ) {
		return $content;
	}
	$post = get_post();
	// A player that the author has put there himself is enough.
	if ( false !== strpos( $content, BASE . '/embed/' ) ) {
		fit();
		return $content;
	}
	if ( ! may_be_heard( $post ) ) {
		return $content;
	}
	$url   = get_permalink( $post );
	$heard = heard( array( $url ) );
	if ( empty( $heard[ $url ] ) ) {
		return $content;
	}
	fit();
	return player( $url, $heard[ $url ] ) . $content;
}

/**
 * Asks for a whole list at once, before its first title is written.
 *
 * @param \WP_Query $query The list.
 */
function look_ahead( $query ) {
	if ( is_admin() || is_feed() || ! is_object( $query ) || $query->is_singular() || empty( $query->posts ) ) {
		return;
	}
	$urls = array();
	foreach ( array_slice( $query->posts, 0, URLS_AT_MOST ) as $post ) {
		if ( may_be_heard( $post ) ) {
			$urls[ $post->ID ] = get_permalink( $post );
		}
	}
	$heard = heard( array_values( $urls ) );
	foreach ( $urls as $id => $url ) {
		if ( ! empty( $heard[ $url ] ) ) {
			lists()->minutes[ $id ] = array_sum( array_column( $heard[ $url ], 'minutes' ) );
		}
	}
	++lists()->open;
}

/**
 * Notes that a list has ended.
 *
 * @param \WP_Query $query The list.
 */
function look_back( $query ) {
	if ( is_object( $query ) && ! $query->is_singular() ) {
		lists()->open = max( 0, lists()->open - 1 );
	}
}

/**
 * Puts an ear and the minutes behind a title, within lists alone: menus, feeds and the desk keep theirs.
 *
 * Its markup has no double quotes: themes write titles into attributes, too.
 *
 * @param string $title The title.
 * @param int    $id    Whose it is.
 * @return string
 */
function with_ear( $title, $id = 0 ) {
	if ( ! is_string( $title ) || 0 === lists()->open || ! isset( lists()->minutes[ $id ] ) || is_admin() || is_feed() ) {
		return $title;
	}
	$minutes = (int) lists()->minutes[ $id ];
	$words   = words();
	$ear     = "<svg viewBox='0 0 24 24' width='1em' height='1em' fill='none' stroke='currentColor' stroke-width='2' stroke-linecap='round' aria-hidden='true'><path d='M7 9.5a5.5 5.5 0 1 1 10.2 2.8c-1.4 2.3-2.7 2.9-2.9 5.2-.2 2-1.6 3.5-3.5 3.5-1.7 0-3-1.2-3.3-2.8M9.8 10a2.5 2.5 0 1 1 4 2'/></svg>";
	return $title . " <span class='griot-ear' role='img' aria-label='" . esc_attr( sprintf( $words['heard'], $minutes ) ) . "'>" . $ear . ' ' . esc_html( sprintf( $words['minutes'], $minutes ) ) . '</span>';
}

/**
 * Gives the few rules of player and ear.
 */
function dress() {
	wp_register_style( handle(), false, array(), VERSION );
	wp_enqueue_style( handle() );
	wp_add_inline_style( handle(), '.griot-player{margin:0 0 1.5em}.griot-player iframe{display:block;width:100%;border:0;color-scheme:normal}.griot-ear{font-size:.75em;font-weight:400;white-space:nowrap}.griot-ear svg{vertical-align:-.125em}' );
}

/**
 * Loads the script that fits players to their page, where there is one.
 */
function fit() {
	wp_enqueue_script( handle(), BASE . '/embed.js', array(), null, true ); // phpcs:ignore WordPress.WP.EnqueuedResourceParameters.MissingVersion -- its address never changes.
}

/**
 * Lets that script come when it comes, and put no player of its own.
 *
 * @param string $tag    The script's element.
 * @param string $handle Whose it is.
 * @return string
 */
function quietly( $tag, $handle ) {
	return handle() === $handle ? str_replace( ' src=', ' async data-auto="off" src=', $tag ) : $tag;
}

/**
 * Writes the player of an article.
 *
 * @param string $url      The article's address.
 * @param array  $episodes What is heard, at least one.
 * @return string
 */
function player( $url, $episodes ) {
	$one   = 1 === count( $episodes );
	$src   = $one ? $episodes[0]['player'] : BASE . '/embed/article?url=' . rawurlencode( $url );
	$words = words();
	return '<figure class="griot-player" aria-label="' . esc_attr( $words['listen'] ) . '"><iframe src="' . esc_url( $src )
		. '" title="' . esc_attr( $episodes[0]['title'] ) . '" width="100%" height="' . ( $one ? CARD_PX : LIST_PX )
		. '" loading="lazy" allow="autoplay; clipboard-write; web-share"'
		. ' sandbox="allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox allow-downloads"'
		. ' referrerpolicy="strict-origin-when-cross-origin"></iframe></figure>' . "\n";
}

/**
 * Tells what is heard of articles: what is kept about all of them together, or what Griot says, asked once.
 *
 * @param string[] $urls Addresses of articles.
 * @return array[] Episodes by address; what is silent or not known has none.
 */
function heard( $urls ) {
	$urls = array_values( array_unique( array_filter( $urls, __NAMESPACE__ . '\can_be_asked' ) ) );
	$urls = array_slice( $urls, 0, URLS_AT_MOST );
	if ( ! $urls ) {
		return array();
	}
	$key   = key_of( implode( "\n", $urls ) );
	$kept  = get_transient( $key );
	$kept  = is_array( $kept ) && isset( $kept['at'], $kept['heard'] ) ? $kept : null;
	$known = $kept ? $kept['heard'] : array();
	if ( ( $kept && $kept['at'] + FRESH_SECONDS >= time() ) || get_transient( key_of( 'away' ) ) ) {
		return $known;
	}
	$answer = ask( $urls );
	if ( null === $answer ) {
		set_transient( key_of( 'away' ), 1, AWAY_SECONDS );
		return $known;
	}
	$heard = array();
	foreach ( $urls as $url ) {
		$episodes = episodes( isset( $answer[ $url ] ) ? $answer[ $url ] : null );
		if ( $episodes ) {
			$heard[ $url ] = $episodes;
		}
	}
	$now = array(
		'at'    => time(),
		'heard' => $heard,
	);
	set_transient( $key, $now, KEPT_SECONDS );
	return $heard;
}

/**
 * Says whether Griot takes an address; one that it refuses would cost the others their answer.
 *
 * @param mixed $url An address.
 * @return bool
 */
function can_be_asked( $url ) {
	return is_string( $url ) && strlen( $url ) <= 2000 && preg_match( '#^https?://[^\s<>"`{}|\\\\^]+$#i', $url );
}

/**
 * Asks Griot about articles.
 *
 * @param string[] $urls Their addresses, at most URLS_AT_MOST.
 * @return array|null Answers by address; null where Griot is away.
 */
function ask( $urls ) {
	$path = BASE . '/api/v1/articles/episodes';
	$how  = array(
		'timeout'             => PATIENCE_SECONDS,
		'redirection'         => 0,
		'limit_response_size' => ANSWER_BYTES,
		'user-agent'          => 'Griot for WordPress/' . VERSION,
	);
	if ( 1 === count( $urls ) ) {
		$response = wp_remote_get( $path . '?url=' . rawurlencode( $urls[0] ), $how );
	} else {
		$how['headers'] = array( 'Content-Type' => 'application/json' );
		$how['body']    = wp_json_encode( array( 'urls' => $urls ) );
		$response       = wp_remote_post( $path, $how );
	}
	if ( is_wp_error( $response ) ) {
		return null;
	}
	$status = (int) wp_remote_retrieve_response_code( $response );
	// 204: nothing is heard of them. 422: Griot takes no such address, and will not in a minute either.
	if ( 204 === $status || 422 === $status ) {
		return array();
	}
	$said = 200 === $status ? json_decode( wp_remote_retrieve_body( $response ), true ) : null;
	if ( ! is_array( $said ) ) {
		return null;
	}
	return 1 === count( $urls ) ? array( $urls[0] => $said ) : $said;
}

/**
 * Takes from an answer what is needed; what is not as it should be is left out.
 *
 * @param mixed $entry What Griot says about one article.
 * @return array[] Of each episode player, title and minutes.
 */
function episodes( $entry ) {
	$found = array();
	foreach ( is_array( $entry ) && isset( $entry['episodes'] ) && is_array( $entry['episodes'] ) ? $entry['episodes'] : array() as $one ) {
		if ( ! is_array( $one ) || ! isset( $one['embed_url'], $one['title'] ) || ! is_string( $one['embed_url'] ) || ! is_string( $one['title'] ) ) {
			continue;
		}
		if ( 0 !== strpos( $one['embed_url'], BASE . '/embed/' ) ) {
			continue;
		}
		$seconds = isset( $one['duration_seconds'] ) && is_numeric( $one['duration_seconds'] ) ? (float) $one['duration_seconds'] : 0;
		$found[] = array(
			'player'  => $one['embed_url'],
			'title'   => $one['title'],
			'minutes' => max( 1, (int) round( $seconds / 60 ) ),
		);
	}
	return $found;
}

/**
 * Says whether everybody may read an article, so that its address may be asked about.
 *
 * @param mixed $post The article.
 * @return bool
 */
function may_be_heard( $post ) {
	return is_object( $post ) && 'publish' === get_post_status( $post ) && ! post_password_required( $post );
}

/**
 * Says whether an address is Griot's.
 *
 * @param string $url An address.
 * @return bool
 */
function is_ours( $url ) {
	return 0 === strpos( preg_replace( '#^https?://#', '', (string) $url ), preg_replace( '#^https?://#', '', BASE ) . '/' );
}

/**
 * The minutes of what the lists of this page hold, and how many lists are open.
 *
 * @return object
 */
function lists() {
	static $lists = null;
	if ( null === $lists ) {
		$lists = (object) array(
			'open'    => 0,
			'minutes' => array(),
		);
	}
	return $lists;
}

/**
 * Names what is kept about something; each Griot keeps its own.
 *
 * @param string $what An address, or a word.
 * @return string At most 172 characters, as WordPress wants it.
 */
function key_of( $what ) {
	return handle() . '_' . md5( $what );
}

/**
 * Names what belongs to this Griot.
 *
 * @return string
 */
function handle() {
	return strtolower( str_replace( '_', '-', __NAMESPACE__ ) );
}

/**
 * The few words that readers see, in the language of the site.
 *
 * @return string[]
 */
function words() {
	$all      = array(
		'en' => array( 'listen' => 'Listen to this article', 'minutes' => '%d min', 'heard' => 'Can be heard: %d minutes' ),
		'fr' => array( 'listen' => 'Écouter cet article', 'minutes' => '%d min', 'heard' => 'À écouter : %d minutes' ),
		'ar' => array( 'listen' => 'استمع إلى هذا المقال', 'minutes' => '%d د', 'heard' => 'متاح للاستماع: %d دقيقة' ),
		'pt' => array( 'listen' => 'Ouvir este artigo', 'minutes' => '%d min', 'heard' => 'Para ouvir: %d minutos' ),
	);
	$language = substr( (string) get_locale(), 0, 2 );
	return isset( $all[ $language ] ) ? $all[ $language ] : $all['en'];
}
