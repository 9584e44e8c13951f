<?php
// SPDX-License-Identifier: AGPL-3.0-or-later
// Stand-ins for the functions of WordPress that the plugin calls, written from its documentation; runs a scenario.
//
// php harness.php SCENARIO.json: {plugins: [paths], locale, answers: {"METHOD address": {status, body} | null}, steps}.
// A step is {do: "view" | "list" | "feed" | "admin" | "embed" | "age" | "answers", ...}; prints what came of each.

error_reporting( E_ALL );
set_error_handler( function ( $level, $message, $file, $line ) {
	throw new ErrorException( $message, 0, $level, $file, $line );
} );
define( 'ABSPATH', '/' );

$scenario = json_decode( file_get_contents( $argv[1] ), true );
$world    = (object) array(
	'hooks' => array(), 'kept' => array(), 'asked' => array(), 'providers' => array(), 'scripts' => array(),
	'styles' => array(), 'singular' => false, 'loop' => false, 'main' => true, 'feed' => false, 'admin' => false,
	'post' => null, 'answers' => $scenario['answers'],
);

class WP_Error {}

function add_filter( $name, $call, $priority = 10, $count = 1 ) {
	global $world;
	$world->hooks[ $name ][ $priority ][] = array( $call, $count );
	return true;
}
function add_action( $name, $call, $priority = 10, $count = 1 ) {
	return add_filter( $name, $call, $priority, $count );
}
function apply_filters( $name, $value, ...$more ) {
	global $world;
	$hooks = isset( $world->hooks[ $name ] ) ? $world->hooks[ $name ] : array();
	ksort( $hooks );
	foreach ( $hooks as $calls ) {
		foreach ( $calls as list( $call, $count ) ) {
			$value = call_user_func_array( $call, array_slice( array( $value, ...$more ), 0, $count ) );
		}
	}
	return $value;
}
function do_action( $name, ...$more ) {
	apply_filters( $name, ...( $more ? $more : array( null ) ) );
}
function is_admin() { global $world; return $world->admin; }
function is_feed() { global $world; return $world->feed; }
function is_singular() { global $world; return $world->singular; }
function in_the_loop() { global $world; return $world->loop; }
function is_main_query() { global $world; return $world->main; }
function get_post() { global $world; return $world->post; }
function get_post_status( $post ) { return $post->post_status; }
function post_password_required( $post ) { return '' !== $post->post_password; }
function get_permalink( $post ) { return $post->url; }
function get_locale() { global $scenario; return $scenario['locale']; }
function esc_html( $text ) { return htmlspecialchars( (string) $text, ENT_QUOTES, 'UTF-8', false ); }
function esc_attr( $text ) { return esc_html( $text ); }
function esc_url( $url ) {
	return preg_match( '#^https?://#i', $url ) ? str_replace( array( '&', "'", '"', '<', '>' ), array( '&#038;', '&#039;', '', '', '' ), $url ) : '';
}
function wp_json_encode( $value ) { return json_encode( $value ); }
function get_transient( $key ) { global $world; return isset( $world->kept[ $key ] ) ? $world->kept[ $key ]['value'] : false; }
function set_transient( $key, $value, $seconds ) {
	global $world;
	assert( strlen( $key ) <= 172 && $seconds > 0 );
	$world->kept[ $key ] = array( 'value' => unserialize( serialize( $value ) ), 'until' => time() + $seconds );
	return true;
}
function answer( $method, $url, $how ) {
	global $world;
	$world->asked[] = array( 'method' => $method, 'url' => $url, 'timeout' => $how['timeout'], 'body' => isset( $how['body'] ) ? $how['body'] : '', 'agent' => $how['user-agent'] );
	$found = array_key_exists( $method, $world->answers ) ? $world->answers[ $method ] : null;
	return is_array( $found ) ? $found : new WP_Error();
}
function wp_remote_get( $url, $how ) { return answer( "GET $url", $url, $how ); }
function wp_remote_post( $url, $how ) { return answer( "POST $url", $url, $how ); }
function is_wp_error( $thing ) { return $thing instanceof WP_Error; }
function wp_remote_retrieve_response_code( $response ) { return $response['status']; }
function wp_remote_retrieve_body( $response ) { return $response['body']; }
function wp_oembed_add_provider( $format, $provider, $regex = false ) { global $world; $world->providers[] = array( $format, $provider, $regex ); }
function wp_register_style( $handle, $source ) { assert( false === $source ); }
function wp_enqueue_style( $handle ) {}
function wp_add_inline_style( $handle, $rules ) { global $world; $world->styles[ $handle ] = $rules; }
function wp_enqueue_script( $handle, $source ) { global $world; $world->scripts[ $handle ] = $source; }

/** A list of articles, as far as the plugin looks at it. */
class Listing {
	public $posts;
	public $singular;
	public function __construct( $posts, $singular ) {
		$this->posts    = $posts;
		$this->singular = $singular;
	}
	public function is_singular() { return $this->singular; }
}

function post_of( $facts ) {
	return (object) ( $facts + array( 'ID' => 1, 'post_status' => 'publish', 'post_password' => '', 'url' => '', 'title' => 'Titre' ) );
}

/** Writes one article, as the main loop of its own page does. */
function view( $step ) {
	global $world;
	$world->post = post_of( $step['post'] );
	$world->singular = true;
	do_action( 'wp_enqueue_scripts' );
	$listing = new Listing( array( $world->post ), true );
	do_action( 'loop_start', $listing );
	$world->loop = true;
	$said = array( 'content' => apply_filters( 'the_content', isset( $step['content'] ) ? $step['content'] : '<p>Texte</p>' ), 'title' => apply_filters( 'the_title', $world->post->title, $world->post->ID ) );
	$world->loop = $world->singular = false;
	do_action( 'loop_end', $listing );
	foreach ( $world->scripts as $handle => $source ) {
		$said['script'] = apply_filters( 'script_loader_tag', "<script src='$source'></script>", $handle, $source );
	}
	$world->scripts = array();
	return $said;
}

/** Writes the titles of a list, and those of a menu before, inside and behind it. */
function titles( $step ) {
	$posts  = array_map( 'post_of', $step['posts'] );
	$before = apply_filters( 'the_title', $posts[0]->title, $posts[0]->ID );
	$listing = new Listing( $posts, false );
	do_action( 'loop_start', $listing );
	$inside = array();
	foreach ( $posts as $post ) {
		$inside[] = apply_filters( 'the_title', $post->title, $post->ID );
	}
	$menu = apply_filters( 'the_title', 'Menu', 987654 );
	do_action( 'loop_end', $listing );
	return array( 'before' => $before, 'titles' => $inside, 'menu' => $menu, 'behind' => apply_filters( 'the_title', $posts[0]->title, $posts[0]->ID ) );
}

foreach ( $scenario['plugins'] as $plugin ) {
	include_once $plugin;
}
do_action( 'init' );
$said = array();
foreach ( $scenario['steps'] as $step ) {
	$before = count( $world->asked );
	$came   = null;
	switch ( $step['do'] ) {
		case 'view':
			$came = view( $step );
			break;
		case 'list':
			$came = titles( $step );
			break;
		case 'feed':
		case 'admin':
			$world->{$step['do']} = true;
			$came = array( view( $step ), titles( array( 'posts' => array( $step['post'] ) ) ) );
			$world->{$step['do']} = false;
			break;
		case 'embed':
			$came = apply_filters( 'oembed_dataparse', $step['html'], (object) array( 'type' => 'rich' ), $step['url'] );
			break;
		case 'age':
			foreach ( $world->kept as $key => $kept ) {
				$world->kept[ $key ]['until'] -= $step['seconds'];
				if ( is_array( $kept['value'] ) ) {
					$world->kept[ $key ]['value']['at'] -= $step['seconds'];
				}
				if ( $world->kept[ $key ]['until'] <= time() ) {
					unset( $world->kept[ $key ] );
				}
			}
			break;
		case 'answers':
			$world->answers = $step['answers'];
			break;
	}
	$said[] = array( 'came' => $came, 'asked' => array_slice( $world->asked, $before ) );
}
echo json_encode( array( 'steps' => $said, 'providers' => $world->providers, 'styles' => $world->styles ), JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES );
