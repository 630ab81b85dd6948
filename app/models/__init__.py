"""Every model, to be imported from here only."""
import sqlalchemy as sa

from app.extensions import db
from app.models.base import add_once, insert_all, insert_all_once, insert_once, rows_changed
from app.models.event import Event
from app.models.export import Export, ExportPart
from app.models.following import FOLLOWING_LIMIT, NoSuchPerson, followers, lock_people
from app.models.ids import MAX_ID, first_id, moment_of
from app.models.keys import email_key, name_key, tag_key, username_key
from app.models.like import Like
from app.models.limit import RateLimit
from app.models.mention import Mention
from app.models.message import Conversation, KeptMessage, Message, MessageSetting
from app.models.notification import NO_POST, Notification, NotificationChoice
from app.models.post import DeletedPost, Post, Submission
from app.models.profile import Avatar, FormerUsername, HeldUsername
from app.models.reach import RepliesFrom, Visibility
from app.models.refused import RefusedAddress
from app.models.relation import Block, FollowRequest, Mute, PrivateAccount, ThreadMute
from app.models.search import HiddenFromSearch, SearchProgress, mariadb_word, post_search, stored
from app.models.session import UserSession
from app.models.site import BANNER_MAX, RULES_MAX, SITE_NAME, SITE_NAME_MAX, SiteWords
from app.models.tag import Tag, post_tag
from app.models.task import Task
from app.models.types import UTCDateTime, utcnow
from app.models.user import User, new_stamp

__all__ = [
    'BANNER_MAX', 'FOLLOWING_LIMIT', 'MAX_ID', 'NO_POST', 'RULES_MAX', 'SITE_NAME', 'SITE_NAME_MAX', 'Avatar',
    'Block', 'Conversation', 'DeletedPost', 'Event', 'Export', 'ExportPart', 'FollowRequest', 'FormerUsername',
    'HeldUsername', 'HiddenFromSearch', 'KeptMessage', 'Like', 'Mention', 'Message', 'MessageSetting', 'Mute',
    'NoSuchPerson', 'Notification', 'NotificationChoice', 'Post', 'PrivateAccount', 'RateLimit', 'RefusedAddress',
    'RepliesFrom', 'SearchProgress', 'SiteWords', 'Submission', 'Tag', 'Task', 'ThreadMute', 'UTCDateTime', 'User',
    'UserSession', 'Visibility', 'add_once', 'email_key', 'first_id', 'followers', 'insert_all', 'insert_all_once',
    'insert_once', 'lock_people', 'mariadb_word', 'moment_of', 'name_key', 'new_stamp', 'post_search', 'post_tag',
    'rows_changed', 'stored', 'suit_database', 'tag_key', 'username_key', 'utcnow',
]


@sa.event.listens_for(db.metadata, 'before_create')
def suit_database(metadata, connection, **options) -> None:
    """Note what only one database is told, before tables are made or compared: noted with the models it would load the
    dialects of the others, 3 MB."""
    kind = connection.dialect.name
    for table in metadata.tables.values():
        if kind == 'mysql':  # four-byte characters, compared by their bytes as on the other two
            table.kwargs.update(mysql_charset='utf8mb4', mysql_collate='utf8mb4_bin')
            continue
        if kind == 'sqlite' and table.info.get('autoincrement'):
            table.kwargs.update(sqlite_autoincrement=True)
        for index in table.indexes:
            if 'where' in index.info:
                index.kwargs[f'{kind}_where'] = index.info['where']
